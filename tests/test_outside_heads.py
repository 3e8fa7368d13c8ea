"""Heads in other people's hands: a ledger that was cut off or made anew contradicts them, and nothing else does."""

from __future__ import annotations

from base64 import encodebytes
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import text

from ingest.heads import NoHead, heads_in_text, outside_heads
from storage import ledger
from storage.database import Database
from storage.papers import FolderPapers
from tests.office import office
from tests.parts import scan, workbook
from tests.shell import Shell
from tests.stores import by_hand, url_of

HASH = "3f9a" * 16
LETTER = (
    f"From: a@b.cn\r\nSubject: x\r\nX-Baosong-Ledger: 128:{HASH}\r\n"
    'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    + encodebytes(f"存证：第128号 {HASH[:16]}…（备查，不必理会）".encode()).decode()
).encode()
OUTER = b"From: c@d.cn\r\nSubject: fw\r\nMIME-Version: 1.0\r\n"
SAMPLE = Path(__file__).parents[1] / "samples" / "mails"


def multipart(*parts: bytes, kind: bytes = b"mixed") -> bytes:
    inner = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return OUTER + b"Content-Type: multipart/" + kind + b'; boundary="b"\r\n\r\n' + inner + b"--b--\r\n"


WORDS = b"Content-Type: text/plain\r\n\r\nsee below"
FORWARDS = {
    "the letter itself": LETTER,
    "attached": multipart(WORDS, b"Content-Type: message/rfc822\r\n\r\n" + LETTER),
    "attached in base64": multipart(
        WORDS, b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encodebytes(LETTER)
    ),
    "attached as a file": multipart(
        WORDS, b'Content-Type: application/octet-stream; name="a.eml"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + encodebytes(LETTER)
    ),
    "returned": multipart(WORDS, b"Content-Type: message/rfc822\r\n\r\n" + LETTER, kind=b"report"),
    "returned with its header alone": multipart(
        WORDS, b"Content-Type: text/rfc822-headers\r\n\r\n" + LETTER.partition(b"\r\n\r\n")[0] + b"\r\n", kind=b"report"
    ),
}  # fmt: skip
QUOTES = {
    "quoted": OUTER + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    + f"请看\n> 存证：第128号 {HASH[:16]}…（备查）\n".encode(),
    "quoted in GBK": OUTER + b"Content-Type: text/plain; charset=gbk\r\n\r\n" + f"存证：第128号 {HASH[:16]}…".encode("gbk"),
    "quoted in HTML": OUTER + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    + f"<p>存证：<b>第128号</b>&nbsp;{HASH[:8]}<wbr>{HASH[8:16]}…".encode(),
}  # fmt: skip


@pytest.mark.parametrize("way", FORWARDS)
def test_a_letter_gives_its_whole_head_however_it_is_handed_on(tmp_path: Path, way: str) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(FORWARDS[way])
    assert [(head.number, head.hash, head.source) for head in outside_heads(str(path))] == [(128, HASH, "mail.eml")]


@pytest.mark.parametrize("way", QUOTES)
def test_a_quoted_letter_gives_what_it_shows_of_its_head(tmp_path: Path, way: str) -> None:
    path = tmp_path / "mail.eml"
    path.write_bytes(QUOTES[way])
    assert [(head.number, head.hash) for head in outside_heads(str(path))] == [(128, HASH[:16])]


@pytest.mark.parametrize("typed", [f"128:{HASH}", f" 128 : {HASH.upper()}", f"128：{HASH[:16]}…"])
def test_a_head_may_be_typed_as_it_is_shown(typed: str) -> None:
    [head] = outside_heads(typed)
    assert (head.number, HASH.startswith(head.hash)) == (128, True)


@pytest.mark.parametrize("wrong", ["128", f"128:{HASH[:15]}", "128:xyz", "no such file", "."])
def test_what_is_no_head_is_refused(wrong: str) -> None:
    with pytest.raises(NoHead):
        outside_heads(wrong)


@pytest.mark.parametrize("mail", sorted(SAMPLE.glob("*.eml"))[:5], ids=lambda path: path.name)
def test_a_mail_of_somebody_else_holds_no_head(mail: Path) -> None:
    with pytest.raises(NoHead, match="no letter of ours"):
        outside_heads(str(mail))


@pytest.fixture
def answered(toml: Path) -> Path:
    """Two letters that went out, first.eml and second.eml, beside the store that sent them."""
    with office(toml.parent) as here:
        for name in ("first", "second"):
            sheet = workbook({"app": name}, label=name)
            here.mail(name, sheet, scan(sheet, label=f"scan of {name}"))
            here.run()
            (toml.parent / f"{name}.eml").write_bytes(here.letters.taken[-1][0])
    return toml


def cut_off(folder: Path) -> None:
    """Back to how it was before the second mail, in database and HEAD alike."""
    first = message_from_bytes((folder / "first.eml").read_bytes(), policy=default)["X-Baosong-Ledger"]
    with by_hand(folder) as base:
        base.execute("DELETE FROM ledger_heads WHERE number > ?", (int(first.partition(":")[0]),))
    (folder / "data" / "archive" / "HEAD").write_text(f"{first}\n", encoding="ascii")


def make_anew(folder: Path) -> None:
    base = Database(url_of(folder))
    with base.begin() as tx:
        tx.execute(text("UPDATE ledger_entries SET at = at + 1 WHERE number = 1"))
        tx.execute(text("UPDATE ledger_entries SET number = NULL, leaf = NULL"))
        counts = tx.execute(text("SELECT count FROM ledger_heads ORDER BY number")).scalars().all()
        tx.execute(text("DELETE FROM ledger_heads"))
        assert counts
        head = ledger.seal(tx)
    base.close()
    assert head
    ledger.write_head(FolderPapers(folder / "data" / "archive"), head)


def test_letters_fit_the_ledger_that_sent_them(answered: Path, baosong: Shell) -> None:
    letters = [word for name in ("first", "second") for word in ("--head", answered.parent / f"{name}.eml")]
    ran = baosong("audit", "verify", "--json", *letters, "--config", answered)
    assert (ran.status, ran.document["faults"]) == (0, [])
    assert set(ran.document) == {"ok", "checked", "faults"}


def test_a_cut_off_end_contradicts_the_later_letter_alone(answered: Path, baosong: Shell) -> None:
    cut_off(answered.parent)
    told = {}
    for name in ("first", "second"):
        ran = baosong("audit", "verify", "--json", "--head", answered.parent / f"{name}.eml", "--config", answered)
        told[name] = [each["fault"] for each in ran.document["faults"] if each["object"].startswith("head:")]
    assert told["first"] == []
    [fault] = told["second"]
    assert fault.startswith("missing: known from second.eml, but the ledger ends at")


def test_a_chain_made_anew_contradicts_every_letter(answered: Path, baosong: Shell) -> None:
    make_anew(answered.parent)
    for name in ("first", "second"):
        ran = baosong("audit", "verify", "--head", answered.parent / f"{name}.eml", "--config", answered)
        assert ran.status == 1
        assert f"known from {name}.eml" in ran.err
        assert "another chain" in ran.err


def test_a_file_that_is_no_letter_of_ours_is_wrong_usage(answered: Path, baosong: Shell) -> None:
    for wrong in (answered, "128:abc"):
        ran = baosong("audit", "verify", "--head", wrong, "--config", answered)
        assert (ran.status, "--head" in ran.err, "Traceback" in ran.err) == (2, True, False)


@pytest.mark.parametrize(
    "words",
    [
        f"128:{HASH}",
        f"  128：{HASH.upper()} \r\n",
        f"【受理】已收到。\n存证：第128号 {HASH[:16]}…（备查）\nX-Baosong-Ledger: 128:{HASH}\n",
        LETTER.decode(),
        *(quote.decode("utf-8", "replace") for name, quote in QUOTES.items() if name == "quoted"),
    ],
    ids=["typed", "typed by hand", "words with the header", "source", "quoted"],
)
def test_a_head_is_found_in_what_somebody_pastes(words: str) -> None:
    [head] = heads_in_text(words)
    assert head.number == 128 and HASH.startswith(head.hash)
    assert head.source == f"128:{head.hash}"


def test_several_heads_may_be_pasted() -> None:
    found = heads_in_text(f"128:{HASH}\n130:{'a' * 16}\n128:{HASH[:20]}")
    assert [(head.number, head.hash) for head in found] == [(128, HASH), (130, "a" * 16)]


def test_what_is_pasted_is_never_the_name_of_a_file(tmp_path: Path) -> None:
    letter = tmp_path / "letter.eml"
    letter.write_bytes(LETTER)
    assert outside_heads(str(letter))
    for text_ in (str(letter), "", "128", f"128:{HASH[:15]}", "存证：第128号"):
        with pytest.raises(NoHead):
            heads_in_text(text_)
