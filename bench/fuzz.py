"""Feeds the readers with bytes that grow out of good files, led by the branches they take. `python -m bench.fuzz READER …`

READER is mail, workbook or cover. Needs the extra `bench` (atheris: libFuzzer for Python). For `--seconds` it mutates
the seeds (samples of the repository, and every file below `--seeds`), in a process that is started anew after each
finding. A finding is what the suite's properties forbid too: an exception, a dead process, more than 60 s or 2 GB.
Findings and whatever took new branches are kept below `--kept`; give the same folder again to go on. Exit status 1 when
there is a finding. Only branches of our own modules and of the Python libraries under them are seen, not of compiled code.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes
from pathlib import Path
from typing import Any

from bench.arguments import positive

ROOT = Path(__file__).resolve().parents[1]
_SLOW, _MEMORY_MB = 60, 2000
_AT_ONCE = 10
"""Seconds: a process that ends sooner, and found nothing, does not run here at all."""
_LARGEST = 40_000
"""Bytes of an input: what is larger is mutated too slowly to be worth it."""
_KINDS = {
    "mail": (".eml", ".msg", ".tnef"),
    "workbook": (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv", ".html", ".xml", ".slk", ".dif"),
    "cover": (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".jp2"),
}
_ENDS = {"cover": (b"%PDF", b"\x89PNG", b"\xff\xd8"), "workbook": (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")}
"""How attachments of the samples begin that are seeds of a reader."""
_INSTRUMENTED = {"mail": ("mailparser",), "workbook": ("openpyxl",), "cover": ("pdfminer", "pdfplumber")}


def main() -> int:
    options = _options()
    if options.inside is not None:
        _fuzz(options.reader, options.inside)
    return _supervise(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", choices=sorted(_KINDS))
    parser.add_argument("--seconds", type=positive, default=600, help="how long (default 600)")
    parser.add_argument("--seeds", type=Path, metavar="FOLDER", help="more seeds: every file of the reader's kinds")
    parser.add_argument("--kept", type=Path, required=True, metavar="FOLDER", help="for what is found")
    parser.add_argument("--inside", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser.parse_args()


def _supervise(options: argparse.Namespace) -> int:
    """Starts the fuzzing process again after each finding, until the time is used up."""
    corpus, found = options.kept / "corpus", options.kept / "findings"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(_seeds(options.reader, options.seeds)):
        (corpus / f"seed-{number}").write_bytes(data)
    end = time.monotonic() + options.seconds
    while (left := int(end - time.monotonic())) > 0:
        started, before = time.monotonic(), len(list(found.iterdir()))
        command = [sys.executable, "-m", "bench.fuzz", options.reader, "--kept", str(options.kept), "--inside"]
        libfuzzer = [
            f"-max_total_time={left}",
            f"-artifact_prefix={found}/",
            f"-timeout={_SLOW}",
            f"-max_len={_LARGEST}",
        ]
        libfuzzer += [f"-rss_limit_mb={_MEMORY_MB}", "-print_final_stats=1", str(corpus)]
        with (options.kept / "log.txt").open("ab") as log:
            status = subprocess.run([*command, *libfuzzer], stdout=log, stderr=log, check=False).returncode
        if status and time.monotonic() - started < _AT_ONCE and len(list(found.iterdir())) == before:
            raise SystemExit(f"the fuzzing process does not run (status {status}): see {options.kept / 'log.txt'}")
    findings = sorted(path.name for path in found.iterdir() if not path.name.startswith("slow-unit"))
    print(f"{options.reader}: {options.seconds} s, {len(list(corpus.iterdir()))} inputs kept, {len(findings)} findings")
    for name in findings:
        print(f"  {found / name}")
    return int(bool(findings))


def _seeds(reader: str, folder: Path | None) -> Iterator[bytes]:
    for path in sorted((ROOT / "samples" / "mails").glob("*.eml")):
        raw = path.read_bytes()
        yield from [raw[:_LARGEST]] if reader == "mail" else _attachments(raw, _ENDS[reader])
    for path in sorted(folder.rglob("*") if folder else ()):
        if path.suffix.lower() in _KINDS[reader]:
            yield path.read_bytes()[:_LARGEST]


def _attachments(raw: bytes, starts: tuple[bytes, ...]) -> Iterator[bytes]:
    for part in message_from_bytes(raw).walk():
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data.startswith(starts) and len(data) <= _LARGEST:
            yield data


def _fuzz(reader: str, libfuzzer: Sequence[str]) -> None:
    """The process within. It never returns."""
    import atheris

    with atheris.instrument_imports(include=["parsers", "domain", *_INSTRUMENTED[reader]]):
        read = _reader(reader)

    def one(data: bytes) -> None:
        read(data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        return bytes(_mutated(data, most, random.Random(seed), atheris.Mutate))

    atheris.Setup([sys.argv[0], *libfuzzer], one, custom_mutator=mutate)
    atheris.Fuzz()


def _reader(name: str) -> Callable[[bytes], object]:
    """Takes any bytes and never raises."""
    from config.notices import load_notice
    from parsers.limits import Limits
    from parsers.mail import open_mail
    from parsers.pages import decode_cover
    from parsers.workbook import read_workbook

    limits, notice = Limits(pages=3), load_notice("puyang-2020-51")

    def mail(data: bytes) -> object:
        nobody = {"own_addresses": frozenset(), "own_message_id_suffix": "", "trusted_authserv_id": "mx.qq.com"}
        return open_mail(data, limits=limits, **nobody)  # type: ignore[arg-type]

    def workbook(data: bytes) -> object:
        return read_workbook(data, name="x", sha256="0" * 64, form=notice.form, area_code=notice.area_code)

    def cover(data: bytes) -> object:
        return decode_cover(data, media="", name="x", sha256="0" * 64, limits=limits)

    return {"mail": mail, "workbook": workbook, "cover": cover}[name]


def _mutated(data: bytes, most: int, dice: random.Random, mutate: Callable[[bytes, int], Any]) -> bytes:
    """Of a zip package one member is mutated and the package put together anew: else hardly more than the checksum of
    a member would ever be tried. One time in eight, and for all else, the bytes as they are."""
    if not data.startswith(b"PK\x03\x04") or dice.random() < 0.125:
        return bytes(mutate(data, most))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: archive.read(info) for info in archive.infolist()}
    except Exception:  # noqa: BLE001 no zip any more: mutated as it is
        return bytes(mutate(data, most))
    if not members:
        return bytes(mutate(data, most))
    chosen = dice.choice(sorted(members))
    members[chosen] = bytes(mutate(members[chosen] or b"x", max(64, min(most, len(members[chosen]) * 2 + 64))))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()[:most] if len(out.getvalue()) > most else out.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
