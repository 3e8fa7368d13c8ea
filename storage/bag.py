"""Bags (BagIt 1.0, RFC 8493): a folder with a list of the SHA-256 of all that is in it, which `sha256sum -c` checks too.

Written here and not by a library, which would hash again what was hashed just now, and syncs nothing to the disk.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from storage.durable import private_folder, sync, write_new

DECLARATION = "bagit.txt"
_MANIFEST, _TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
_PIECE = 1 << 20


def write_bag(folder: Path, payload: Mapping[str, str], info: Mapping[str, str]) -> None:
    """Make a bag of a folder whose files already lie under `data/`, durable. `payload`: path under the folder → SHA-256.
    Whatever lies in the folder itself is listed as a tag file."""
    size = sum((folder / name).stat().st_size for name in payload)
    lines = {**info, "Payload-Oxum": f"{size}.{len(payload)}"}
    write_new(folder / DECLARATION, b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    write_new(folder / "bag-info.txt", "".join(f"{name}: {value}\n" for name, value in lines.items()).encode())
    write_new(folder / _MANIFEST, _lines(payload).encode())
    tags = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file()}
    write_new(folder / _TAGS, _lines(tags).encode())
    for path in (*(path for path in folder.rglob("*") if path.is_dir()), folder):
        sync(path)


def bag_faults(folder: Path) -> Iterator[str]:
    """What does not fit in a bag, in words: altered, missing or extra. Nothing may lie in it that no list names."""
    if not (folder / DECLARATION).is_file():
        yield f"{DECLARATION} is missing: no back-up, or not a whole one"
        return
    listed: dict[str, str] = {}
    for name in (_TAGS, _MANIFEST):
        try:
            listed |= _read(folder / name)
        except (OSError, ValueError):
            yield f"{name} is missing or damaged"
    for name, sha256 in sorted(listed.items()):
        path = folder / name
        if not path.is_file() or path.is_symlink():
            yield f"{name} is missing"
        elif sha256_of(path) != sha256:
            yield f"{name} is altered"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}
    for name in sorted(there - {*listed, _TAGS}):
        yield f"{name} is on no list"


def info_of(folder: Path) -> dict[str, str]:
    """What bag-info.txt says."""
    pairs = (line.partition(": ") for line in (folder / "bag-info.txt").read_text(encoding="utf-8").splitlines())
    return {name: value for name, _, value in pairs}


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def copy_file(source: Path, target: Path) -> str:
    """A durable copy, readable for its owner alone; its SHA-256, taken of what was written. The folder is not synced."""
    private_folder(target.parent)
    digest = hashlib.sha256()
    with source.open("rb") as file, _new(target) as copy:
        while piece := file.read(_PIECE):
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _lines(files: Mapping[str, str]) -> str:
    return "".join(f"{sha256}  {_escaped(name)}\n" for name, sha256 in sorted(files.items()))


def _escaped(name: str) -> str:
    """RFC 8493, 2.1.3: a line end in a name, and the sign that stands for one."""
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _read(path: Path) -> dict[str, str]:
    found = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        sha256, _, name = line.partition("  ")
        name = name.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        if not name or name.startswith("/") or ".." in Path(name).parts:
            raise ValueError("not a line of a list")
        found[name] = sha256
    return found
