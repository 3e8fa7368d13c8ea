"""The evidence of one submission as a zipped bag (BagIt, RFC 8493) that an auditor checks without this program."""

from __future__ import annotations

import json
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from domain.cover import Cover
from domain.submission import Submission
from ingest import access, jobs
from ingest.app import App
from ingest.case_json import evidence_json, history_json, rows_json, submission_json, tables_json
from ingest.evidence import Kept
from storage import outbox, proofs, quarantine, signing, submissions
from storage.bag import sha256_of, write_bag
from storage.database import Transaction
from storage.durable import private_folder, write_new
from storage.errors import BlobCorrupt, BlobMissing
from storage.outbox import OutboxRow
from storage.papers import HEADS
from storage.proofs import Proven

_KIT = Path(__file__).parent / "bundle_kit"
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
"""What one system or another takes in no file name."""
_NAME_LENGTH = 60
Progress = Callable[[int, int], None]
"""Told how many steps are done, and how many there are."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Bytes that belong to the submission and are not in the bundle; `why` in Chinese."""

    sha256: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """`lost`: of what was left out, the files that the archive should have and has not."""

    sha256: str
    files: int
    head: str
    left_out: tuple[LeftOut, ...]
    lost: tuple[str, ...]


@dataclass(kw_only=True)
class _Content:
    """Path in the bag → its bytes, and what is not there."""

    files: dict[str, bytes] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def _unheard(done: int, total: int) -> None:
    """For a bundle that nobody waits for."""


def bundle(
    app: App,
    kept: Kept,
    target: Path,
    *,
    by: str,
    with_quarantined: bool = False,
    progress: Progress = _unheard,
) -> Bundle:
    """Writes the zip to `target`, which must not be there, for its owner alone.

    The ledger is sealed first, so that every entry of the submission has its proof; then it is told of the bundle.
    """
    case = kept.case
    jobs.seal(app)
    with app.database.read() as tx:
        content = _content(app, tx, case, with_quarantined=with_quarantined)
        letters = _letters(tx, case)
        proven = proofs.proven(tx, _subjects(case, letters))
        signed = _signed(app, tx, proven)
    left_out = tuple(LeftOut(sha256=sha256, why=why) for sha256, why in sorted(content.left_out.items()))
    told: dict[str, Any] = _documents(app, kept) | {
        "ledger/entries.json": list(proven.entries),
        "ledger/heads.json": list(proven.heads),
        "left-out.json": [{"sha256": one.sha256, "why": one.why} for one in left_out],
    }
    files = content.files | signed | {name: _json(value) for name, value in told.items()}
    head = proven.heads[-1]
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as aside:
        folder = Path(aside) / case.receipt
        _write(app, folder, case, files, f"{head['number']}:{head['hash']}", progress)
        _pack(folder, target, progress)
    made = Bundle(
        sha256=sha256_of(target), files=len(files), head=f"{head['number']}:{head['hash']}", left_out=left_out,
        lost=tuple(content.lost),
    )  # fmt: skip
    with app.database.begin() as tx:
        access.note(
            tx, "bundle", case.receipt, by, at=app.clock(), sha256=made.sha256, with_quarantined=with_quarantined
        )
    return made


def _documents(app: App, kept: Kept) -> dict[str, Any]:
    """What `show --json` says, pictures by their places in the bundle."""
    pictures = picture_names(kept.case)
    case, notice = kept.case, app.notice(kept.case.notice)
    shown = submission_json(case, notice) | {"rows": rows_json(case)}
    if further := tables_json(case):
        shown["tables"] = further
    shown["evidence"] = evidence_json(case, lambda sha256: f"data/pictures/{pictures[sha256]}", kept.proof.record)
    return {"decision.json": shown, "history.json": history_json(kept.history, notice)}


def _content(app: App, tx: Transaction, case: Submission, *, with_quarantined: bool) -> _Content:
    wanted = dict(_wanted(tx, case))
    marked = {} if with_quarantined else {one.sha256: one for one in quarantine.among(tx, list(wanted.values()))}
    found = _Content()
    for path, sha256 in wanted.items():
        if sha256 in marked:
            found.left_out[sha256] = f"查出病毒：{marked[sha256].signature}"
            continue
        try:
            found.files[path] = app.blobs.get(sha256)
        except (BlobMissing, BlobCorrupt):
            found.left_out[sha256] = "存档里已丢失或损坏"
            found.lost.append(sha256)
    for number, parts in enumerate(submissions.records(tx, case.receipt), 1):
        found.files |= {f"record/{number:02d}-{name}.json": text for name, text in parts.items()}
    return found


def _wanted(tx: Transaction, case: Submission) -> Iterator[tuple[str, str]]:
    """Path → SHA-256 of every file of the archive that belongs to the submission."""
    for number, mail in enumerate(dict.fromkeys(case.mails), 1):
        yield f"mails/{number:02d}-{mail[:16]}.eml", mail
    files = {file.sha256: file.name for file in case.files}
    for number, (sha256, name) in enumerate(files.items(), 1):
        yield f"files/{number:02d}-{_plain(name)}", sha256
    for picture, name in picture_names(case).items():
        yield f"pictures/{name}", picture
    for number, row in enumerate(_letters(tx, case), 1):
        if row.sha256:
            yield f"letters/{number:02d}-{row.letter.kind}.eml", row.sha256


def picture_names(case: Submission) -> dict[str, str]:
    """SHA-256 of each picture → its name in the bundle, with the ending of its kind: unrolled rims are PNG, all others JPEG."""
    reading = case.cover.reading if case.cover else None
    rims = {seal.rim_picture for seal in reading.seals} if isinstance(reading, Cover) else set()
    return {name: f"{name}.{'png' if name in rims else 'jpg'}" for name in case.pictures}


def _letters(tx: Transaction, case: Submission) -> Sequence[OutboxRow]:
    return outbox.of_receipt(tx, case.receipt)


def _subjects(case: Submission, letters: Sequence[OutboxRow]) -> list[str]:
    """Whom the ledger's entries are about."""
    mails = [f"mail:{mail}" for mail in case.mails]
    return [case.receipt, *mails, *(f"letter:{row.message_id}" for row in letters)]


def _signed(app: App, tx: Transaction, proven: Proven) -> dict[str, bytes]:
    """The signed heads of the days that the chain covers."""
    numbers = {head["number"] for head in proven.heads}
    found: dict[str, bytes] = {}
    for name in signing.signed_files(tx):
        statement, paper = (app.blobs.papers.read(f"{HEADS}/{each}") for each in (f"{name[:10]}.json", name))
        if statement is not None and paper is not None and _number(statement) in numbers:
            found[f"ledger/signed/{name}"] = paper
    return found


def _number(statement: bytes) -> object:
    try:
        told = json.loads(statement)
    except ValueError:
        return None
    return told.get("number") if isinstance(told, dict) else None


def _write(app: App, folder: Path, case: Submission, files: Mapping[str, bytes], head: str, progress: Progress) -> None:
    """The bag. What lies beside `data/` are tag files. Half of the way: the other is to pack it."""
    private_folder(folder)
    for number, (name, data) in enumerate(files.items()):
        progress(number, 2 * len(files))
        path = folder / "data" / name
        private_folder(path.parent)
        write_new(path, data)
    made = app.clock()
    notice = app.notice(case.notice)
    reporter = notice.reporter(case.reporter)
    program = f"Baosong {version('baosong')}"
    readme = (_KIT / "README.zh.txt").read_text(encoding="utf-8")
    told = readme.format(
        receipt=case.receipt,
        reporter=reporter.name if reporter else "不在名单上",
        made=f"{made.astimezone(notice.zone):%Y-%m-%d %H:%M}",
        program=program,
    )
    write_new(folder / "README.zh.txt", told.encode())
    write_new(folder / "verify.py", (_KIT / "verify.py").read_bytes())
    payload = {f"data/{name}": sha256_of(folder / "data" / name) for name in files}
    info = {
        "Bag-Software-Agent": program,
        "Bagging-Date": f"{made.astimezone(UTC):%Y-%m-%d}",
        "External-Identifier": case.receipt,
        "Ledger-Head": head,
    }
    write_bag(folder, payload, info)


def _pack(folder: Path, target: Path, progress: Progress) -> None:
    """Names in UTF-8, as zip programs of the last fifteen years read them."""
    private = write_new(target, b"")
    with zipfile.ZipFile(private, "w", zipfile.ZIP_DEFLATED) as packed:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        for number, path in enumerate(paths):
            progress(len(paths) + number, 2 * len(paths))
            packed.write(path, path.relative_to(folder.parent))


def _plain(name: str) -> str:
    """A sender's file name as any system takes it, its ending kept."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = _FORBIDDEN.sub("_", "".join(sign for sign in last if unicodedata.category(sign)[0] != "C"))
    stem, dot, end = shown.rpartition(".")
    kept = f"{stem[:_NAME_LENGTH]}{dot}{end[:10]}" if dot and stem else shown[:_NAME_LENGTH]
    return kept.strip(" .") or "file"


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
