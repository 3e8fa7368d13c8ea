"""Alterations of the archive: its files and HEAD, one at a time, each put back."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest import evidence
from ingest.app import App
from tests.office import office

Add = Callable[[str, str, bool], None]
_LONG_AGO = 9 * 24 * 3600


def file_alterations(folder: Path, *, count: int, seed: int, add: Add) -> None:
    """Alters every file of the archive in turn, and HEAD, `count` times each way."""
    draw = random.Random(seed)
    spare = folder / "spare"
    with office(folder) as here:
        archive = here.app.settings.archive
        assert not evidence.verify(here.app).faults
        shutil.copytree(archive, spare)
        for name, alter in _WAYS.items():
            for _ in range(count):
                how = alter(archive, draw)
                add(name, how, _found(here.app))
                shutil.rmtree(archive)
                shutil.copytree(spare, archive)
    shutil.rmtree(spare)


def _found(app: App) -> bool:
    return bool(evidence.verify(app).faults)


def _some(archive: Path, draw: random.Random) -> Path:
    return draw.choice(sorted(path for path in (archive / "blobs").rglob("*") if path.is_file()))


def _altered(data: bytes, draw: random.Random) -> Iterator[bytes]:
    """A bit, a cut, a piece more, nothing left."""
    at = draw.randrange(len(data))
    yield data[:at] + bytes([data[at] ^ 1 << draw.randrange(8)]) + data[at + 1 :]
    yield data[:at]
    yield data + b"\n"
    yield b""


def _change(archive: Path, draw: random.Random) -> str:
    path = _some(archive, draw)
    path.write_bytes(draw.choice([*_altered(path.read_bytes(), draw)]))
    return f"{path.name} altered"


def _remove(archive: Path, draw: random.Random) -> str:
    path = _some(archive, draw)
    path.unlink()
    return f"{path.name} removed"


def _exchange(archive: Path, draw: random.Random) -> str:
    one, two = (_some(archive, draw) for _ in range(2))
    while one == two:
        two = _some(archive, draw)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    return f"{one.name} and {two.name} exchanged"


def _move(archive: Path, draw: random.Random) -> str:
    path = _some(archive, draw)
    wrong = archive / "blobs" / ("00" if path.parent.name != "00" else "01") / path.name
    (shutil.move if draw.random() < 0.5 else shutil.copyfile)(path, wrong)
    return f"{path.name} in a wrong folder"


def _add(archive: Path, draw: random.Random) -> str:
    """Under a name that fits it, or any; a day ago, since a younger one may be on its way."""
    from storage.blobs import BlobStore

    data = draw.randbytes(20)
    sha256 = BlobStore(archive).put(data)
    path = BlobStore(archive).file(sha256)
    if draw.random() < 0.5:
        path = path.rename(path.with_name(draw.choice(["note.txt", sha256[::-1], sha256[:-1]])))
    os.utime(path, (time.time() - _LONG_AGO,) * 2)
    return f"{path.name} added"


def _folder(archive: Path, draw: random.Random) -> str:
    path = _some(archive, draw)
    path.unlink()
    path.mkdir()
    return f"{path.name} is a folder"


def _head(archive: Path, draw: random.Random) -> str:
    """Not a step back to an older head: a file that lags is true."""
    head = archive / "HEAD"
    text = head.read_text(encoding="ascii").strip()
    number, _, hash_ = text.partition(":")
    other = draw.choice([*"0123456789abcdef".replace(hash_[0], "")]) + hash_[1:]
    wrong = draw.choice([f"{int(number) + draw.randrange(1, 99)}:{hash_}", f"{number}:{other}", text[:-1], "", None])
    if wrong is None:
        head.unlink()
        return "HEAD removed"
    head.write_text(wrong, encoding="ascii")
    return f"HEAD is {wrong!r:.20}"


_WAYS: dict[str, Callable[[Path, random.Random], str]] = {
    "archive: a file altered": _change,
    "archive: a file removed": _remove,
    "archive: two files exchanged": _exchange,
    "archive: a file in a wrong folder": _move,
    "archive: a file added": _add,
    "archive: a folder in place of a file": _folder,
    "archive: HEAD": _head,
}
