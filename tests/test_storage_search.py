"""The search index: its order, pages, filters and counts, what is written anew, and what goes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from domain.documents import Document, Kind
from domain.segment import fold, hash_identifier, literals, message_identifier
from storage import search, search_grams, search_writing
from storage.database import Database, Transaction
from storage.schema_search import search_documents, search_identifiers, search_subjects
from storage.search import Place, Query, find
from storage.search_writing import Subject, put
from tests.storage_values import NOON, database
from tests.stores import POSTGRESQL

DIGEST = "9f2c" * 16


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Database]:
    made = database(tmp_path)
    yield made
    made.close()


def subject(name: str = "R1", *, seconds: float = 0, uid: int = 1, **facts: object) -> Subject:
    at = NOON + timedelta(seconds=seconds)
    made = Subject(name=name, notice="n", reporter="PYX", state="accepted", received_at=at, uid=uid)
    return replace(made, **facts)  # type: ignore[arg-type]


def row(text_: str, place: str = "第4行", kind: Kind = Kind.ROW, **more: frozenset[str]) -> Document:
    return Document(kind=kind, place=place, text=text_, **more)


def names(tx: Transaction, query: str, **filters: object) -> list[str]:
    found = find(tx, Query(text=query, **filters))  # type: ignore[arg-type]
    assert (found.total, found.more) == (len(found.hits), False)
    return [f"{hit.receipt} {hit.where}" for hit in found.hits]


def rows(tx: Transaction) -> list[int]:
    """How many rows each table has, and the index itself for a gram that all documents had."""
    tables = (search_subjects, search_documents, search_identifiers)
    return [len(tx.execute(select(table)).all()) for table in tables]


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("濮", "123"), ("一", "1"), ("濮阳", "123"), ("阳县第", "1"), ("濮阳县第一中学", "1"), ("县一", ""), ("中学智", ""),
        ("钉钉", "2"), ("CLASSin", "3"), ("ｃｌａｓｓ", "3"), ("ss", "3"), ("智学 1391", "1"), ("智学 1382", ""),
        ("9123", "1"), ("912", "1"), ("5678", "12"), ("13", "12"), ("1", "12"), ("39123", "1"), ("教APP备4100001号", "1"),
        ("教app备41", "1"), ("00001", "1"), ("4100002", ""), ("李 明", "1"), ("-", None),
    ],
)  # fmt: skip
def test_what_is_found(base: Database, query: str, places: str | None) -> None:
    with base.begin() as tx:
        cells = (
            "濮阳县\n第一中学\n智学网\n李明\n13912345678\n教APP备4100001号",
            "濮阳县\n钉钉\n13825678000",
            "濮阳县\nClass In",
        )
        put(
            tx,
            subject(),
            [row(fold_ if at else fold_.replace("县\n", "县"), str(at + 1)) for at, fold_ in enumerate(cells)],
        )
        if places is None:
            with pytest.raises(ValueError, match="query"):
                find(tx, Query(text=query))
            return
        assert {name.split()[1] for name in names(tx, query)} == set(places)


def test_the_newest_comes_first_and_parts_in_their_order(base: Database) -> None:
    with base.begin() as tx:
        for name, seconds, uid in (("B", 5, 1), ("A", 9, 1), ("C", 0, 7), ("D", 0, 3), ("E", 0.5, 1), ("F", 0, 7)):
            put(tx, subject(name, seconds=seconds, uid=uid), [row("濮阳", "a"), row("濮阳", "b")])
        order = ["A", "B", "E", "F", "C", "D"]
        assert names(tx, "濮阳") == [f"{name} {place}" for name in order for place in "ab"]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.integers(0, 3)), max_size=12), st.integers(1, 5)
)  # fmt: skip
def test_any_order_of_writing_gives_one_order_and_pages_join(
    base: Database, writes: list[tuple[int, int, int]], limit: int
) -> None:
    """Subjects that come, grow, shrink and move; then the pages one after the other are the whole."""
    standing: dict[str, tuple[datetime, int, int]] = {}
    with base.read() as tx:  # rolled back
        for number, (second, uid, count) in enumerate(writes):
            made = subject(f"R{number % 4}", seconds=second, uid=uid)
            put(tx, made, [row(f"濮阳{n}", f"{n}") for n in range(count)])
            standing[made.name] = (made.received_at, uid, max(count, standing.get(made.name, (0, 0, 0))[2]))
        newest = sorted(standing, key=lambda name: (*standing[name][:2], name), reverse=True)
        expected = [f"{name} {n}" for name in newest for n in range(standing[name][2])]
        found, after = [], None
        while page := find(tx, Query(text="濮阳"), limit=limit, after=after).hits:
            found += [f"{hit.receipt} {hit.where}" for hit in page]
            after = page[-1].place
        assert found == expected


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(alphabet="濮阳县教育13aB-\n", max_size=8), max_size=8), st.text(alphabet="濮阳县教育13ab", min_size=1, max_size=4)
)  # fmt: skip
def test_the_database_finds_what_stands_in_a_text_and_nothing_else(
    base: Database, texts: list[str], query: str
) -> None:
    [word] = literals(query)
    with base.read() as tx:
        put(tx, subject(), [row(each, str(at)) for at, each in enumerate(texts)])
        wanted = {f"R1 {at}" for at, each in enumerate(texts) if word.text in fold(each)}
        assert set(names(tx, query)) == wanted


EXACT = {
    "13912345678": "phone", "+86 139-1234-5678": "phone", "0393-1234567": "landline", "教APP备4100001号": "filing",
    "4100001": "filing", DIGEST: "file", DIGEST[:8]: "file", "<Ab.9@qq.com>": "mail", "ab.9@qq.com": "mail",
    "py51-pyx-20200227-03": "receipt",
}  # fmt: skip


@pytest.mark.parametrize(("query", "place"), EXACT.items())
def test_what_is_named_exactly_comes_before_the_newest(base: Database, query: str, place: str) -> None:
    with base.begin() as tx:
        put(
            tx,
            subject("old"),
            [
                row("李明\n13912345678", "phone"), row("0393-1234567", "landline"), row("教APP备4100001号", "filing"),
                row("PY51-PYX-20200227-03\n濮阳县", "receipt"),
                row("扫描.pdf", "file", Kind.FILE, identifiers=frozenset({hash_identifier(DIGEST)})),
                row("报送", "mail", Kind.SUBJECT, identifiers=frozenset({message_identifier("<ab.9@qq.com>")})),
            ],
        )  # fmt: skip
        put(tx, subject("new", seconds=9), [row(f"甲{query}9", "loose", Kind.BODY)])
        first = find(tx, Query(text=query), limit=1)
        assert [(hit.where, hit.place.exact) for hit in first.hits] == [(place, True)]
        rest = find(tx, Query(text=query), after=first.hits[0].place)
        assert [hit.where for hit in rest.hits] == ["loose"]
        assert first.total == 1 + len(rest.hits)


def test_filters(base: Database) -> None:
    with base.begin() as tx:
        put(tx, subject("A"), [row("濮阳\n13912345678")])
        put(tx, subject("B", seconds=60, state="review", late=True, reviewed=True), [row("濮阳\n13912345678")])
        put(tx, subject("C", seconds=120, reporter="FX", breach=True, notice="m"), [row("濮阳\n13912345678")])
        put(
            tx, subject("mail:x", seconds=180, reporter=None, notice=None, state="question"), [row("濮阳\n13912345678")]
        )

        cases: list[tuple[dict[str, object], str]] = [
            ({}, "mCBA"), ({"notice": "n"}, "BA"), ({"reporter": "PYX"}, "BA"), ({"reporter": "FX"}, "C"),
            ({"state": "review"}, "B"), ({"state": "question"}, "m"), ({"late": True}, "B"), ({"late": False}, "mCA"),
            ({"breach": True}, "C"), ({"reviewed": True}, "B"), ({"reviewed": False, "reporter": "PYX"}, "A"),
            ({"since": NOON + timedelta(seconds=60)}, "mCB"), ({"since": NOON + timedelta(seconds=60.5)}, "mC"),
            ({"until": NOON + timedelta(seconds=60)}, "BA"), ({"until": NOON - timedelta(seconds=1)}, ""),
            ({"since": NOON + timedelta(seconds=1), "until": NOON + timedelta(seconds=60)}, "B"),
            ({"notice": "n", "state": "accepted"}, "A"), ({"notice": "n' OR 1"}, ""),
        ]  # fmt: skip
        for query, (filters, expected) in itertools.product(("濮", "濮阳", "13912345678", "阳 139"), cases):
            assert "".join(name[0] for name in names(tx, query, **filters)) == expected, (query, filters)


def test_all_are_counted_where_that_is_asked(base: Database) -> None:
    with base.begin() as tx:
        for number in range(30):
            put(tx, subject(f"R{number}", seconds=number), [row(f"濮阳县{n}") for n in range(10)])
        for query in ("濮", "濮阳县"):
            few = find(tx, Query(text=query), limit=3, count_to=100)
            assert (few.total, few.more, len(few.hits)) == (100, True, 3)
            whole = find(tx, Query(text=query), limit=3, count_to=None)
            assert (whole.total, whole.more) == (300, False)
            just = find(tx, Query(text=query), limit=3, count_to=300)
            assert (just.total, just.more) == (300, False)


@pytest.mark.parametrize("limit", [1, 2, 3, 8, 9, 20])
@pytest.mark.parametrize(("count_to", "total", "more"), [(None, 9, False), (9, 9, False), (8, 8, True), (2, 2, True)])
def test_the_count_is_the_same_however_many_are_shown(
    base: Database, limit: int, count_to: int | None, total: int, more: bool
) -> None:
    """Two are named exactly, seven only hold it."""
    with base.begin() as tx:
        for number in range(9):
            text_ = "123456" if number in (2, 7) else f"甲123456{number}"
            put(tx, subject(f"R{number}", seconds=number), [row(text_)])
        found = find(tx, Query(text="123456"), limit=limit, count_to=count_to)
    assert [hit.place.exact for hit in found.hits[:3]] == [True, True, False][:limit]
    assert (found.total, found.more, len(found.hits)) == (total, more, min(limit, 9))


def test_a_long_word_is_asked_for_by_its_rarest_parts_and_found_only_as_a_whole(base: Database) -> None:
    long = "".join(chr(0x4E00 + number) for number in range(100))
    with base.begin() as tx:
        for number in range(20):
            put(tx, subject(f"R{number}", seconds=number), [row(f"第{number}号科技有限公司")])
        put(tx, subject("S", seconds=30), [row("云杉科技有限公司"), row("杉科技有限公司云杉", "第5行")])
        put(tx, subject("T", seconds=31), [row(long)])
        if not POSTGRESQL:  # whose lists need not be walked through
            assert search_grams.wanted(tx, literals("云杉科技有限公司"), ["mark"]) == ["云杉", "杉科", "mark"]
        assert names(tx, "云杉科技有限公司") == ["S 第4行"]
        assert len(find(tx, Query(text="科技有限公司"), limit=100).hits) == 22
        assert names(tx, long) == ["T 第4行"]
        assert names(tx, f"{long[:-1]}乙") == []


def test_what_was_said_before_is_kept_as_earlier(base: Database) -> None:
    kinds = frozenset({Kind.ROW})
    with base.begin() as tx:
        put(tx, subject(), [row("甲校"), row("来信", "正文", Kind.BODY)], replaces=kinds)
        put(tx, subject(state="review", reviewed=True), [row("乙校")], replaces=kinds)
        put(tx, subject(), [row("丙校")], replaces=kinds)

        def earlier(query: str) -> list[bool]:
            return [hit.earlier for hit in find(tx, Query(text=query, state="accepted")).hits]

        assert [earlier(each) for each in ("甲校", "乙校", "丙校", "来信")] == [[True], [True], [False], [False]]
        assert names(tx, "校") == ["R1 第4行"] * 3
        assert names(tx, "校", state="review") == []
        assert len(names(tx, "校", reviewed=True)) == 3  # once reviewed, always
        put(tx, subject(), [row("甲校")], replaces=kinds)
        assert [earlier(each) for each in ("甲校", "丙校")] == [[False], [True]]


def test_nothing_is_left_of_what_was_removed(base: Database) -> None:
    with base.begin() as tx:
        put(tx, subject("A"), [row("濮阳\n13912345678\n䶮字")])
        put(tx, subject("B", seconds=3), [row("濮阳")])
        search_writing.remove(tx, "A")
        assert names(tx, "濮阳") == ["B 第4行"]
        assert names(tx, "13912345678") == names(tx, "䶮") == []
        assert rows(tx) == [1, 1, 0]
        search_grams.purge(tx)
        if not POSTGRESQL:
            words = b"".join(bytes(each[0]) for each in tx.execute(text("SELECT block FROM search_grams_data")))
            assert "䶮".encode() not in words
            assert "濮".encode() in words
        search_writing.clear(tx)
        assert rows(tx) == [0, 0, 0]
        assert names(tx, "濮阳") == []
        put(tx, subject("A"), [row("濮阳")])
        assert names(tx, "濮阳") == ["A 第4行"]


@pytest.mark.parametrize("text_", ["\x00濮阳", "\ud800濮阳", "濮" * 5000, '濮阳" OR "x', "濮阳\ue000"])
def test_any_text_can_be_put_in_found_and_taken_out(base: Database, text_: str) -> None:
    with base.begin() as tx:
        for _ in range(2):  # the second time it is what stands already
            put(tx, subject(), [row(text_)], replaces={Kind.ROW})
            assert names(tx, "濮") == ["R1 第4行"]
        search_writing.remove(tx, "R1")
        assert names(tx, "濮") == []


def test_a_page_ends_where_it_was(base: Database) -> None:
    with base.begin() as tx:
        put(tx, subject(), [row("濮阳")])
        assert find(tx, Query(text="濮阳"), after=Place(exact=False, number=0)).hits == ()
        assert not search.is_due(tx)


def test_an_identifier_is_looked_up_by_its_index(base: Database) -> None:
    with base.read() as tx:
        if POSTGRESQL:
            tx.exec_driver_sql("SET LOCAL enable_seqscan = off")  # which is quicker where there is nothing
        how = "EXPLAIN" if POSTGRESQL else "EXPLAIN QUERY PLAN"
        query = "SELECT document FROM search_identifiers WHERE identifier >= '#9f' AND identifier < '#9fg'"
        plan = " ".join(str(line[-1]) for line in tx.exec_driver_sql(f"{how} {query}"))
        assert ("pk_search_identifiers" if POSTGRESQL else "PRIMARY KEY") in plan
