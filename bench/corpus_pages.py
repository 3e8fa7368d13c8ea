"""The outcomes of a corpus as lines for a terminal and as a page of the docs. Nothing that stood in a mail is quoted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bench.corpus import Outcome, counted

_ODD = {
    "winmail.dat": "files out of winmail.dat",
    "mail": "files out of mails attached to the mail, or archives",
    "attachment.unreadable": "told as unreadable: encrypted, split, or damaged",
    "attachment.unsupported": "told as files that are not read",
    "attachment.cloud_link": "told as links",
    "attachment.bomb": "told as too many or too deep",
    "missed": "a file of the standard parser's is not among ours byte for byte",
}


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Counts by source, then every mail that is no bounce."""
    for group, labels in counted(outcomes).items():
        yield f"{group}: " + ", ".join(f"{label} {count}" for label, count in labels.most_common())
    for outcome in outcomes:
        if outcome.label != "ignored.bounce" or outcome.files or outcome.missed:
            found = f"{len(outcome.files)} files, {' '.join(outcome.faults) or 'no faults'}"
            yield f"  {outcome.source.path}: {outcome.label} ({outcome.reason}), {found}"


def page(outcomes: Sequence[Outcome]) -> str:
    """The whole page as Markdown."""
    return "\n".join([*_head(outcomes), *_table(outcomes), *_reasons(outcomes), *_notable(outcomes)]) + "\n"


def _head(outcomes: Sequence[Outcome]) -> Iterator[str]:
    copies = len(outcomes) - len({outcome.source.sha256 for outcome in outcomes})
    yield "# Mails that others made\n"
    yield "Written by `python -m bench.corpus FOLDER --write docs/corpus.md`; not edited by hand. The corpus is test data of"
    yield "MimeKit, rspamd, ruby-mail and sisimai; it is not part of this repository. Every file is put into a real IMAP"
    yield "server and worked off by one pass of the real worker. A raw `.tnef` is sent as `winmail.dat`.\n"
    yield f"{len(outcomes)} mails ({copies} of them byte for byte another's copy): every one's bytes are in the archive"
    yield "under their SHA-256, every one has exactly one disposition with a reason, none is held, nothing is accepted.\n"


def _table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    table = counted(outcomes)
    labels = sorted({label for row in table.values() for label in row})
    yield "| source | mails | " + " | ".join(labels) + " |"
    yield "| --- |" + " --- |" * (len(labels) + 1)
    for group, row in table.items():
        yield _row(f"{group}", row, labels)
    total = Counter(outcome.label for outcome in outcomes)
    yield _row("all", total, labels)
    yield ""


def _row(name: str, row: Counter[str], labels: Sequence[str]) -> str:
    counts = " | ".join(str(row[label] or "") for label in labels)
    return f"| {name} | {row.total()} | {counts} |"


def _reasons(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """By which sign automatic mail was known."""
    signs = Counter((one.label, one.reason) for one in outcomes if one.label.startswith("ignored"))
    yield "## By which sign\n"
    yield "| taken for | sign | mails |"
    yield "| --- | --- | --- |"
    for (label, reason), count in sorted(signs.items(), key=lambda item: (item[0][0], -item[1])):
        yield f"| {label} | {reason} | {count} |"
    yield ""


def _notable(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield "## Notable ones\n"
    for key, title in _ODD.items():
        found = [outcome for outcome in outcomes if key in _marks(outcome)]
        if found:
            yield f"**{title[0].upper()}{title[1:]}** ({len(found)})\n"
            yield from (f"- `{one.source.path}`: {one.label}; {_files(one)}" for one in found)
            yield ""


def _marks(outcome: Outcome) -> set[str]:
    marks = set(outcome.faults)
    marks |= {"winmail.dat"} if b"application/ms-tnef" in outcome.source.raw and outcome.files else set()
    marks |= {"mail"} if any("/" in name for name in outcome.files) else set()
    return marks | ({"missed"} if outcome.missed else set())


def _files(outcome: Outcome) -> str:
    text = "1 file" if len(outcome.files) == 1 else f"{len(outcome.files)} files"
    return text + (f", not found: {', '.join(outcome.missed)}" if outcome.missed else "")
