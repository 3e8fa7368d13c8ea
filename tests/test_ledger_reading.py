"""The ledger as people read it: newest first, by kind, subject, time and account; proofs; and what somebody altered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage import ledger, ledger_reading
from storage.canonical import canonical
from storage.database import Database
from storage.ledger_reading import Batch, Found, Wanted
from storage.merkle import audit_path, leaf_hash, left_of_way, root_from, root_hash
from storage.proofs import proven
from tests.builders import RECEIVED
from tests.stores import by_hand, opened

DAY = timedelta(days=1)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Database]:
    """Nine entries on nine days, in batches of four and three; the last two are not sealed."""
    made = opened(tmp_path / "data" / "baosong.db")
    for number in range(1, 10):
        kind = ("mail.received", "access.case", "access.mail")[number % 3]
        with made.begin() as tx:
            body = {"by": "staff:li" if number % 2 else "staff:li2"}
            ledger.append(tx, kind, f"R-{number % 4}%", body, at=RECEIVED + number * DAY)
            if number in (4, 7):
                ledger.seal(tx, at=RECEIVED + number * DAY)
    yield made
    made.close()


def found(base: Database, limit: int = 50, below: int | None = None, **wanted: object) -> list[int]:
    with base.read() as tx:
        return [each.id for each in ledger_reading.browse(tx, Wanted(**wanted), limit=limit, below=below)]  # type: ignore[arg-type]


def test_the_newest_comes_first_and_a_page_goes_on_where_the_one_before_ended(base: Database) -> None:
    assert found(base) == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert found(base, limit=4) == [9, 8, 7, 6]
    assert found(base, limit=4, below=6) == [5, 4, 3, 2]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"kinds": ("mail.received",)}, [9, 6, 3]),
        ({"kinds": ("access.",)}, [8, 7, 5, 4, 2, 1]),
        ({"kinds": ("access.mail", "mail.")}, [9, 8, 6, 5, 3, 2]),
        ({"without": ("access.",)}, [9, 6, 3]),
        ({"subject": "R-1"}, [9, 5, 1]),
        ({"subject": "R-%"}, []),
        ({"subject": "R-1%"}, [9, 5, 1]),
        ({"subject": "-1"}, []),
        ({"since": RECEIVED + 3 * DAY, "until": RECEIVED + 5 * DAY}, [4, 3]),
        ({"by": ("staff:li",)}, [9, 7, 5, 3, 1]),
        ({"by": ("staff:%",)}, []),
        ({"number": 3}, [3, 2, 1]),
        ({"kinds": ("access.",), "by": ("staff:li2", "staff:li"), "number": 7}, [7, 5, 4, 2, 1]),
    ],
)
def test_filters_give_what_they_say(base: Database, wanted: dict[str, object], expected: list[int]) -> None:
    assert found(base, **wanted) == expected


def proof(base: Database, entry: int) -> Batch | None:
    with base.read() as tx:
        return ledger_reading.proof(tx, entry)


def load(base: Database, entry: int) -> Found:
    with base.read() as tx:
        loaded = ledger_reading.load(tx, entry)
    assert loaded
    return loaded


@pytest.mark.parametrize("entry", range(1, 8))
def test_an_entry_has_the_proof_that_a_bundle_would_have(base: Database, entry: int) -> None:
    made = proof(base, entry)
    assert made and made.fits
    with base.read() as tx:
        [told] = [each for each in proven(tx, [load(base, entry).subject]).entries if each["number"] == entry]
    assert [step.beside for step in made.path] == told["path"]
    assert made.number == told["head"] == (4 if entry <= 4 else 7)


def test_the_proof_can_be_followed_by_hand(base: Database) -> None:
    """As the page says it is done."""
    made, entry = proof(base, 6), load(base, 6)
    assert made and entry.at
    facts = {
        "at": ledger.microseconds(entry.at),
        "body": entry.body,
        "kind": entry.kind,
        "number": 6,
        "subject": entry.subject,
    }
    node = hashlib.sha256(b"\x00" + canonical(facts).encode()).digest()
    assert node.hex() == made.leaf
    for step in made.path:
        beside = bytes.fromhex(step.beside)
        node = hashlib.sha256(b"\x01" + (beside + node if step.left else node + beside)).digest()
    assert node.hex() == made.root


def test_what_is_not_sealed_has_no_proof_and_is_not_called_altered(base: Database) -> None:
    assert (load(base, 9).number, load(base, 9).altered, proof(base, 9)) == (None, False, None)
    with base.read() as tx:
        assert ledger_reading.load(tx, 99) is None
        assert ledger_reading.proof(tx, 99) is None


@pytest.mark.parametrize("count", range(1, 18))
def test_every_path_leads_to_the_root(count: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(count)]
    for index in range(count):
        path, left = audit_path(leaves, index), left_of_way(count, index)
        assert root_from(leaves[index], path, left) == root_hash(leaves)


def alter(folder: Path, statement: str) -> None:
    with by_hand(folder) as base:
        base.execute(statement)


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["at", "kind", "subject", "body", "leaf"])
@pytest.mark.parametrize("value", ["'x'", "x'ff'", "CAST(x'ff' AS TEXT)", "1.5", "''"])
def test_an_altered_entry_is_shown_and_said_to_be_altered(
    base: Database, tmp_path: Path, column: str, value: str
) -> None:
    alter(tmp_path, f"UPDATE ledger_entries SET {column} = {value} WHERE id = 6")  # noqa: S608
    assert load(base, 6).altered
    made = proof(base, 6)
    assert made and not made.fits
    assert [number for number in found(base) if load(base, number).altered] == [6]


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["previous", "root", "count", "at", "hash"])
@pytest.mark.parametrize("value", ["'x'", "x'ff'", "CAST(x'ff' AS TEXT)", "7.5"])
def test_an_altered_head_proves_nothing(base: Database, tmp_path: Path, column: str, value: str) -> None:
    alter(tmp_path, f"UPDATE ledger_heads SET {column} = {value} WHERE number = 7")  # noqa: S608
    made = proof(base, 6)
    assert made is None or not made.fits


def test_an_entry_that_was_taken_out_lets_none_of_its_batch_fit(base: Database, tmp_path: Path) -> None:
    alter(tmp_path, "DELETE FROM ledger_entries WHERE number = 5")
    made = proof(base, 6)
    assert made and not made.fits
    alter(tmp_path, "DELETE FROM ledger_heads WHERE number = 7")
    assert proof(base, 6) is None
