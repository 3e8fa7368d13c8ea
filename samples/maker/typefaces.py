"""The Chinese typefaces that seals and pages are drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont

_DEBIAN = Path("/usr/share/fonts")


@dataclass(frozen=True, kw_only=True)
class Typeface:
    """A font file; `index` picks the face inside a collection (.ttc)."""

    path: Path
    index: int = 0

    def sized(self, pixels: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self.path), max(pixels, 4), index=self.index)


TYPEFACES = (
    Typeface(path=_DEBIAN / "truetype/arphic/uming.ttc"),
    Typeface(path=_DEBIAN / "opentype/noto/NotoSerifCJK-Regular.ttc", index=2),
    Typeface(path=_DEBIAN / "opentype/noto/NotoSerifCJK-Bold.ttc", index=2),
    Typeface(path=_DEBIAN / "opentype/noto/NotoSansCJK-Regular.ttc", index=2),
    Typeface(path=_DEBIAN / "truetype/arphic/ukai.ttc"),
    Typeface(path=_DEBIAN / "truetype/wqy/wqy-zenhei.ttc"),
)
"""Song faces first: real seals are cut in simplified Song (宋体). Packages: fonts-arphic-uming, fonts-noto-cjk, …"""


def installed_typefaces() -> tuple[Typeface, ...]:
    """The known typefaces that this machine has, best first. Raises FileNotFoundError if it has none."""
    found = tuple(face for face in TYPEFACES if face.path.is_file())
    if not found:
        raise FileNotFoundError("no Chinese font: install fonts-arphic-uming or fonts-noto-cjk")
    return found
