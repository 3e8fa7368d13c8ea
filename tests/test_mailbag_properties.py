"""What must not matter: the order of files and of mails, names, transfer encodings, and how it all is packed."""

from __future__ import annotations

import email
import tempfile
from collections.abc import Callable, Sequence
from email.message import Message
from email.policy import compat32
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from samples.maker.mails import File
from storage import submissions
from tests.mailbag.goods import book, cover, reading_before, zipped
from tests.mailbag.post import Dialect, as_eml, forwarded, mail, named
from tests.office import Office, office

BOOK, FAN = book(), book("范县", ("F5", "88123"))
FILES = (BOOK, cover(BOOK), FAN, cover(FAN, unit="范县", name="范县.jpg"))
OUTCOME = {
    ("PYX", "accepted", ""),
    ("FX", "rejected", "row.phone_invalid F5"),
}

Way = Callable[[Dialect, Sequence[File]], bytes]
WAYS: dict[str, Way] = {
    "plain": lambda d, files: mail(d, *files),
    "zip": lambda d, files: mail(d, zipped(files)),
    "zip of Windows": lambda d, files: mail(d, zipped(files, gbk=True, folder="报送/")),
    "zip a county": lambda d, files: mail(d, zipped(files[:2], "1.zip"), zipped(files[2:], "2.zip")),
    "forward": lambda d, files: forwarded(mail(d, *files), d),
    "eml": lambda d, files: mail(d, as_eml(mail(d, *files)), seed=5),
    "eml in a zip": lambda d, files: mail(d, zipped([as_eml(mail(d, *files))]), seed=5),
    "half in a forward": lambda d, files: mail(d, *files[:2], as_eml(mail(d, *files[2:])), seed=5),
}
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: every try is a whole pass of the worker, and the failing one is small as it is."""
_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters='"\\/'), max_size=12)


def recoded(raw: bytes, encoding: str) -> bytes:
    """Every leaf of the mail in another transfer encoding."""
    message = email.message_from_bytes(raw, policy=compat32)
    for part in message.walk():
        if part.is_multipart() or part.get("Content-Transfer-Encoding") != "base64":
            continue
        _recode(part, encoding)
    return message.as_bytes()


def _recode(part: Message, encoding: str) -> None:
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    if encoding == "quoted-printable":
        part.replace_header("Content-Transfer-Encoding", encoding)
        part.set_payload(quoted(data))
    elif encoding == "BASE64":
        part.replace_header("Content-Transfer-Encoding", " Base64 (as the gateway says)")


def quoted(data: bytes) -> str:
    """Quoted-printable for binary: line breaks of the data are quoted too (RFC 2045, 6.7, rule 4)."""
    letters = [chr(byte) if chr(byte).isalnum() and byte < 128 else f"={byte:02X}" for byte in data]
    return "=\n".join("".join(letters[at : at + 24]) for at in range(0, len(letters), 24))


def stands(here: Office) -> set[tuple[str | None, str, str]]:
    """Reporter, state, and what is wrong where."""
    with here.app.database.read() as tx:
        cases = submissions.list_(tx)
    return {
        (case.reporter, str(case.state), " ".join(f"{p.code} {p.cell}" for p in case.problems if p.severity == "error"))
        for case in cases
    }


@pytest.mark.sqlite  # about reading; the order in which mails come, which records see, is tried on both
@settings(max_examples=24, deadline=None, phases=_PHASES)
@given(
    order=st.permutations(range(4)),
    dialect=st.sampled_from(Dialect),
    way=st.sampled_from(sorted(WAYS)),
    names=st.lists(_NAMES, min_size=4, max_size=4),
    encoding=st.sampled_from(["base64", "BASE64", "quoted-printable"]),
)
def test_neither_order_nor_names_nor_encoding_nor_packing_matters(
    order: list[int], dialect: Dialect, way: str, names: list[str], encoding: str
) -> None:
    files = [named(FILES[at], name) for at, name in zip(order, names, strict=True)]
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as fresh:
        here = reading_before(fresh)
        here.box.deliver(recoded(WAYS[way](dialect, files), encoding))
        here.run()
        assert stands(here) == OUTCOME


@settings(max_examples=12, deadline=None, phases=_PHASES)
@given(order=st.permutations(range(4)), dialect=st.sampled_from(Dialect), passes=st.sampled_from([1, 4]))
def test_parts_that_come_one_by_one_meet_in_any_order(order: list[int], dialect: Dialect, passes: int) -> None:
    """Each file in a mail of its own; met by one pass together or by a pass each."""
    with tempfile.TemporaryDirectory() as folder, office(Path(folder)) as fresh:
        here = reading_before(fresh)
        for number, at in enumerate(order):
            here.box.deliver(mail(dialect, FILES[at], seed=number), here.now)
            if passes > 1:
                here.run()
        here.run()
        found = {(reporter, state) for reporter, state, _ in stands(here)}
        # A workbook with an error is rejected at once, and what comes after it is judged beside it under a new receipt.
        assert ("PYX", "accepted") in found and {state for reporter, state in found if reporter == "FX"} == {"rejected"}
