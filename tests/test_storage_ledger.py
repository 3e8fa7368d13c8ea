"""The ledger: any alteration after sealing is found and named."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from domain.letter import Attachment, AttachmentRole, Letter, LetterKind
from storage import ledger, outbox, receiving
from storage.blobs import PROBE, BlobStore
from storage.canonical import Json, canonical
from storage.database import Database, Transaction
from storage.ledger import Head
from storage.merkle import leaf_hash, node_hash, root_hash
from storage.papers import FolderPapers
from storage.verify import verify
from tests.storage_values import NOON, database, origin

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(st.text(), items, max_size=3),
    max_leaves=8,
)


@given(_JSON)
def test_canonical_text_reads_back_and_is_stable(value: Json) -> None:
    assert json.loads(canonical(value)) == value
    assert canonical(json.loads(canonical(value))) == canonical(value)


@pytest.mark.parametrize("value", [1.5, {1: 2}, {"a": b"x"}, {"a": {1.0}}])
def test_canonical_refuses_what_has_no_one_text(value: Json) -> None:
    with pytest.raises(TypeError):
        canonical(value)


def test_canonical_refuses_broken_unicode() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical("\ud800")


def test_root_is_that_of_rfc_6962() -> None:
    """Section 2.1: MTH(D[n]) = H(1 | MTH(D[0:k]) | MTH(D[k:n])), k the largest power of two below n."""

    def mth(leaves: list[bytes]) -> bytes:
        if len(leaves) == 1:
            return leaves[0]
        k = 1
        while k * 2 < len(leaves):
            k *= 2
        return node_hash(mth(leaves[:k]), mth(leaves[k:]))

    leaves = [leaf_hash(bytes([number])) for number in range(40)]
    assert root_hash([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert all(root_hash(leaves[:n]) == mth(leaves[:n]) for n in range(1, 41))


def _filled(folder: Path, batches: tuple[int, ...] = (3, 1, 4)) -> Database:
    base = database(folder)
    for batch in batches:
        with base.begin() as tx:
            for place in range(batch):
                ledger.append(tx, "kind", "subject", {"place": place}, at=NOON)
            ledger.seal(tx, at=NOON)
    return base


def _alter(base: Database, *statements: str) -> None:
    with base.begin() as tx:
        for statement in statements:
            tx.execute(text(statement))


def test_entries_are_numbered_at_sealing_and_covered(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        assert ledger.seal(tx) is None
        assert ledger.head(tx) is None
        first = ledger.append(tx, "a", "s", {})
        assert ledger.covers(tx, first) is None
        one = ledger.seal(tx)
        second, third = (ledger.append(tx, "b", "s", {"n": n}) for n in range(2))
        two = ledger.seal(tx)
        assert one is not None
        assert two is not None
        assert (one.number, two.number) == (1, 3)
        assert [ledger.covers(tx, entry) for entry in (first, second, third)] == [one, two, two]
        assert ledger.head(tx) == two
        assert [(entry.number, entry.kind) for entry in ledger.entries_of(tx, "s")] == [(1, "a"), (2, "b"), (3, "b")]


def test_an_honest_ledger_has_no_faults(tmp_path: Path) -> None:
    base = _filled(tmp_path)
    with base.begin() as tx:
        ledger.append(tx, "unsealed", "s", {})
    with base.read() as tx:
        result = verify(tx)
    assert result.ok
    assert result.checked == 8 + 3


@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (["UPDATE ledger_entries SET body = '{}' WHERE number = 2"], {"entry:2"}),
        (["UPDATE ledger_entries SET kind = 'other' WHERE number = 4"], {"entry:4"}),
        (["UPDATE ledger_entries SET subject = 'other' WHERE number = 5"], {"entry:5"}),
        (["UPDATE ledger_entries SET at = at + 1 WHERE number = 8"], {"entry:8"}),
        (["UPDATE ledger_entries SET leaf = 'x' WHERE number = 1"], {"entry:1"}),
        (["DELETE FROM ledger_entries WHERE number = 6"], {"entry:6"}),
        (["DELETE FROM ledger_entries WHERE number = 8"], {"entry:8"}),
        (["DELETE FROM ledger_entries WHERE number = 4"], {"entry:4"}),
        (  # the contents of two entries exchanged
            [
                "UPDATE ledger_entries SET number = 99 WHERE number = 2",
                "UPDATE ledger_entries SET number = 2 WHERE number = 3",
                "UPDATE ledger_entries SET number = 3 WHERE number = 99",
            ],
            {"entry:2", "entry:3"},
        ),
        (  # one removed, the others moved up
            ["DELETE FROM ledger_entries WHERE number = 5", "UPDATE ledger_entries SET number = 5 WHERE number = 8"],
            {"entry:5", "entry:8"},
        ),
        (
            ["INSERT INTO ledger_entries (number, at, kind, subject, body) VALUES (9, 1, 'k', 's', '{}')"],
            {"entry:9"},
        ),
        (
            ["INSERT INTO ledger_entries (number, at, kind, subject, body) VALUES (0, 1, 'k', 's', '{}')"],
            {"entry:0"},
        ),
        (["UPDATE ledger_heads SET at = at + 1 WHERE number = 4"], {"head:4"}),
        (["UPDATE ledger_heads SET count = 2 WHERE number = 4"], {"head:4"}),
        (["UPDATE ledger_heads SET root = 'x' WHERE number = 8"], {"head:8"}),
        (["UPDATE ledger_heads SET hash = 'x' WHERE number = 3"], {"head:3", "head:4"}),
        (["DELETE FROM ledger_heads WHERE number = 3"], {"head:4"}),
        (["DELETE FROM ledger_heads WHERE number = 4"], {"head:8"}),
        (["DELETE FROM ledger_heads WHERE number = 8"], {"entry:5", "entry:6", "entry:7", "entry:8"}),
    ],
)
def test_an_alteration_is_named(tmp_path: Path, statements: list[str], named: set[str]) -> None:
    base = _filled(tmp_path)
    _alter(base, *statements)
    with base.read() as tx:
        assert named <= {fault.object for fault in verify(tx).faults}


def _forge_leaf(tx: Transaction) -> None:
    """Alter an entry and its stored leaf hash with it."""
    tx.execute(text("UPDATE ledger_entries SET kind = 'forged' WHERE number = 6"))
    row = tx.execute(text("SELECT id FROM ledger_entries WHERE number = 6")).one()
    entry = next(entry for entry in ledger.entries_of(tx, "subject") if entry.id == row.id)
    leaf = ledger.leaf_of(entry, 6).hex()
    tx.execute(text("UPDATE ledger_entries SET leaf = :leaf WHERE number = 6"), {"leaf": leaf})


def _cut_tail(tx: Transaction) -> None:
    tx.execute(text("DELETE FROM ledger_entries WHERE number > 4"))
    tx.execute(text("DELETE FROM ledger_heads WHERE number > 4"))


def _rebuild(tx: Transaction) -> None:
    """Alter an entry and make the whole chain anew."""
    tx.execute(text("UPDATE ledger_entries SET kind = 'forged' WHERE number = 6"))
    tx.execute(text("UPDATE ledger_entries SET number = NULL, leaf = NULL"))
    tx.execute(text("DELETE FROM ledger_heads"))
    ledger.seal(tx, at=NOON)


@pytest.mark.parametrize(("forge", "seen_inside"), [(_forge_leaf, True), (_cut_tail, False), (_rebuild, False)])
def test_a_forger_who_knows_the_hashes(tmp_path: Path, forge: Callable[[Transaction], None], seen_inside: bool) -> None:
    """The chain names the batch; a tail cut off or a chain made anew shows against the head kept outside."""
    base = _filled(tmp_path)
    with base.read() as tx:
        outside = ledger.head(tx)
    assert outside is not None
    with base.begin() as tx:
        forge(tx)
    with base.read() as tx:
        assert verify(tx).ok is not seen_inside
        assert "head:8" in {fault.object for fault in verify(tx, outside=[outside]).faults}


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_single_alteration_of_an_entry_passes(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        batches = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
        base = _filled(Path(folder), batches)
        number = data.draw(st.integers(1, sum(batches)))
        column, value = data.draw(
            st.tuples(st.just("at"), st.integers(0, 10**9))
            | st.tuples(st.sampled_from(["kind", "subject", "body", "leaf"]), st.text("ab{}", max_size=9))
        )
        with base.begin() as tx:
            tx.execute(text(f"UPDATE ledger_entries SET {column} = :v WHERE number = :n"), {"v": value, "n": number})  # noqa: S608
        with base.read() as tx:
            assert f"entry:{number}" in {fault.object for fault in verify(tx).faults}
        base.close()


def test_a_chain_cannot_fork(tmp_path: Path) -> None:
    base = _filled(tmp_path)
    copy = (
        "INSERT INTO ledger_heads (number, previous, root, count, at, hash) "
        "SELECT 99, previous, root, count, at, 'x' FROM ledger_heads WHERE number = 8"
    )
    with pytest.raises(Exception, match=r"(?i)unique"):
        _alter(base, copy)


def test_the_archive_is_checked(tmp_path: Path) -> None:
    base, store = database(tmp_path), BlobStore(tmp_path)
    hashes = store.put_many([b"mail", b"file", b"left by a crash"])
    mail, file, _ = hashes
    with base.begin() as tx:
        receiving.receive(tx, raw_sha256=mail, size=4, origin=origin())
        ledger.append(tx, "k", "s", {"blobs": [file]})
        ledger.seal(tx)
    with base.read() as tx:
        assert verify(tx, store).ok
        (tmp_path / "blobs" / mail[:2] / mail).unlink()
        (tmp_path / "blobs" / file[:2] / file).write_bytes(b"elif")
        (tmp_path / "blobs" / "00" / "note.txt").write_bytes(b"")
        found = {(fault.object, fault.fault.partition(":")[0]) for fault in verify(tx, store).faults}
    assert found == {(f"blob:{mail}", "missing"), (f"blob:{file}", "altered"), ("blob:note.txt", "extra")}


def test_a_file_that_no_record_refers_to_is_named_when_a_day_old(tmp_path: Path) -> None:
    """A younger one may be on its way into the database; that of `doctor` is nobody's."""
    base, store = database(tmp_path), BlobStore(tmp_path)
    mail, planted, probe = store.put_many([b"mail", b"planted", b"baosong doctor\n"])
    assert probe == PROBE
    with base.begin() as tx:
        receiving.receive(tx, raw_sha256=mail, size=4, origin=origin())
        ledger.seal(tx)
    written = store.written_at(planted)
    with base.read() as tx:
        for age, faults in (
            (timedelta(hours=23), []),
            (timedelta(hours=25), [planted]),
            (-timedelta(days=9), [planted]),
        ):
            found = verify(tx, store, now=written + age).faults
            assert [fault.object for fault in found] == [f"blob:{sha256}" for sha256 in faults]
            assert all(fault.fault.startswith("extra: no record") for fault in found)


def test_what_an_unsent_letter_carries_is_no_extra_file(tmp_path: Path) -> None:
    base, store = database(tmp_path), BlobStore(tmp_path)
    form = store.put(b"blank form")
    carried = Attachment(name="空白表.xlsx", sha256=form, media="", role=AttachmentRole.BLANK)
    with base.begin() as tx:
        outbox.put(
            tx,
            Letter(
                kind=LetterKind.GUIDE,
                notice="n",
                to="a@b.cn",
                message_id="<1@b.cn>",
                subject="",
                attachments=(carried,),
            ),
        )
    later = store.written_at(form) + timedelta(days=9)
    with base.begin() as tx:
        assert verify(tx, store, now=later).ok
        tx.execute(text("UPDATE outbox SET letter = 'x'"))
        named = {fault.object for fault in verify(tx, store, now=later).faults}
        assert named == {"outbox:<1@b.cn>", f"blob:{form}"}


def test_a_mail_put_in_place_of_another_is_named(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        mail = receiving.receive(tx, raw_sha256="a" * 64, size=4, origin=origin())
        ledger.seal(tx)
        tx.execute(text("UPDATE mails SET sha256 = :other"), {"other": "b" * 64})
        named = {fault.object for fault in verify(tx).faults}
        assert named == {f"mail:{mail.mail_id}", "mail_locations:1"}


def test_a_mail_removed_from_the_records_is_missed(tmp_path: Path) -> None:
    base = database(tmp_path)
    with base.begin() as tx:
        receiving.receive(tx, raw_sha256="a" * 64, size=4, origin=origin())
        ledger.seal(tx)
        tx.execute(text("DELETE FROM mail_locations"))
        tx.execute(text("DELETE FROM mails"))
        assert [fault.object for fault in verify(tx).faults] == [f"mail:{'a' * 64}"]


def test_the_head_file(tmp_path: Path) -> None:
    path, head = tmp_path / "HEAD", Head(number=128, hash="3f" * 32)
    for _ in range(2):
        ledger.write_head(FolderPapers(tmp_path), head)
    assert path.read_text() == f"128:{'3f' * 32}\n"
    assert ledger.parse_head(path.read_text()) == head
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in tmp_path.iterdir()] == ["HEAD"]


@pytest.mark.parametrize("wrong", ["", "128", "128:", "x:" + "3f" * 32, "1:" + "3F" * 32, "1:" + "3f" * 31])
def test_a_wrong_head_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="NUMBER:SHA256"):
        ledger.parse_head(wrong)
