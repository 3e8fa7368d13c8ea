"""An object store that fails: nothing is acknowledged that is not there, nothing that is there is called lost."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage import ledger
from storage.errors import BlobCorrupt, BlobLate, Refused, Unavailable
from storage.ledger import Head
from storage.objects import ObjectArchive
from storage.s3 import Bucket
from tests.servers.certificate import self_signed
from tests.servers.objects import BUCKET, Store
from tests.servers.s3_middle import (
    Fault,
    Middle,
    answer_lost,
    broken_off,
    cut_short,
    damaged_on_the_way,
    dripping,
    middle,
    refused,
    served,
    silent,
)

MAIL = b"a mail\r\n" * 100
NAME = hashlib.sha256(MAIL).hexdigest()
HEAD_1, HEAD_2, HEAD_3 = (Head(number=number, hash=f"{number}" * 64) for number in (1, 2, 3))


@pytest.fixture(scope="module")
def between(store: Store) -> Iterator[Middle]:
    with middle(store.ports[0]) as made:
        yield made


Opener = Callable[..., ObjectArchive]


@pytest.fixture
def opened(store: Store, between: Middle, tmp_path: Path) -> Iterator[Opener]:
    """The same archive, through what fails, or (`straight`) past it."""
    made: list[ObjectArchive] = []
    prefix = store.new_prefix()

    def another(*, straight: bool = False, **settings: object) -> ObjectArchive:
        its = {} if straight else {"endpoint": between.endpoint, "seconds": 20, "attempts": 3} | settings
        made.append(ObjectArchive(Bucket(store.settings(BUCKET, **its)), prefix, tmp_path / "tasks"))
        if not straight:
            made[-1].begin()
        return made[-1]

    between.fails()
    yield another
    between.fails()
    for each in made:
        each.close()


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([refused(503, "SlowDown"), refused(503, "SlowDown")], id="busy-twice"),
        pytest.param([refused(500, "InternalError")], id="internal-error"),
        pytest.param([refused(429, "TooManyRequests")], id="throttled"),
        pytest.param([refused(409, "ConditionalRequestConflict")], id="two-met"),
        pytest.param([cut_short], id="cut"),
        pytest.param([answer_lost], id="answer-lost"),
        pytest.param([answer_lost, refused(503, "SlowDown")], id="answer-lost-then-busy"),
        pytest.param([damaged_on_the_way], id="damaged"),
    ],
)
def test_a_put_that_fails_at_first_is_done_in_the_end(opened: Opener, between: Middle, faults: list[Fault]) -> None:
    archive = opened()
    between.fails(*faults, methods=("PUT",))
    assert archive.put(MAIL) == NAME
    assert between.plan == []
    assert opened(straight=True).get(NAME) == MAIL


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        pytest.param([refused(503, "SlowDown")] * 3, Unavailable, id="busy"),
        pytest.param([cut_short] * 3, Unavailable, id="cut"),
        pytest.param([damaged_on_the_way] * 3, Unavailable, id="damaged"),
        pytest.param([refused(403, "AccessDenied")], Refused, id="no-right"),
        pytest.param([refused(404, "NoSuchBucket")], Refused, id="no-bucket"),
        pytest.param([refused(403, "RequestTimeTooSkewed")], Refused, id="clock"),
        pytest.param([refused(501, "NotImplemented")], Refused, id="not-implemented"),
        pytest.param([refused(507, "XMinioStorageFull")], Unavailable, id="full"),
    ],
)
def test_what_is_not_stored_is_not_acknowledged(
    opened: Opener, between: Middle, faults: list[Fault], error: type[Exception]
) -> None:
    archive = opened()
    between.fails(*faults, methods=("PUT",))
    with pytest.raises(error) as raised:
        archive.put(MAIL)
    assert type(raised.value) is error
    assert not opened(straight=True).has(NAME)
    assert archive.put(MAIL) == NAME


def test_of_many_the_one_that_fails_is_told(opened: Opener, between: Middle) -> None:
    archive = opened()
    between.fails(served, served, refused(403, "AccessDenied"), methods=("PUT",))
    with pytest.raises(Refused):
        archive.put_many(b"%d" % number for number in range(6))
    assert len(list(opened(straight=True).names())) == 5


@pytest.mark.parametrize("slow", [silent, dripping], ids=["silent", "dripping"])
def test_no_request_takes_longer_than_it_may(opened: Opener, between: Middle, slow: Fault) -> None:
    """Bytes that trickle in let no time-out of a socket run out."""
    opened(straight=True).put(MAIL)
    archive = opened(attempts=1)
    archive._bucket.settings = replace(archive._bucket.settings, seconds=0.5)
    between.fails(*[slow] * 3, methods=("GET",))
    with pytest.raises(Unavailable):
        archive.get(NAME)
    between.fails()
    archive._bucket.settings = replace(archive._bucket.settings, seconds=20)
    assert archive.get(NAME) == MAIL


def test_nobody_at_the_address(opened: Opener, store: Store) -> None:
    its = store.settings(BUCKET, endpoint="http://127.0.0.1:1", attempts=2)
    archive = ObjectArchive(Bucket(its), "x/", Path("unused"))
    for attempt in (lambda: archive.put(MAIL), lambda: archive.get(NAME), lambda: archive.has(NAME), archive.trial):
        with pytest.raises(Unavailable, match="cannot be reached"):
            attempt()


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([damaged_on_the_way] * 2, id="damaged-twice"),
        pytest.param([broken_off], id="broken-off"),
        pytest.param([refused(503, "SlowDown")], id="busy"),
        pytest.param([cut_short], id="cut"),
    ],
)
def test_a_get_that_fails_at_first_gives_the_bytes_in_the_end(
    opened: Opener, between: Middle, faults: list[Fault]
) -> None:
    archive = opened()
    archive.put(MAIL)
    between.fails(*faults, methods=("GET",))
    assert archive.get(NAME) == MAIL
    assert between.plan == []


def test_what_comes_damaged_every_time_is_damaged(opened: Opener, between: Middle) -> None:
    archive = opened()
    archive.put(MAIL)
    between.fails(*[damaged_on_the_way] * 3, methods=("GET",))
    with pytest.raises(BlobCorrupt):
        archive.get(NAME)


def test_an_object_that_comes_late_is_late_and_then_there(opened: Opener, between: Middle) -> None:
    """A store that copies between places may not give at once what it took."""
    archive = opened()
    archive.put(MAIL)
    between.fails(refused(404, "NoSuchKey"), methods=("GET",))
    with pytest.raises(BlobLate):
        archive.get(NAME)
    assert archive.get(NAME) == MAIL


def test_what_is_listed_late_is_asked_for_by_name(opened: Opener, between: Middle) -> None:
    from storage.verify_archive import Wanted, verify_archive

    archive = opened()
    archive.put(MAIL)
    gone = "0" * 64
    empty = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    between.fails(served, lambda handler, _: handler.answer(200, [], empty), methods=("GET",))
    found = verify_archive(archive, Wanted(expected=frozenset({NAME, gone}), erased=frozenset()))
    assert [(fault.object, fault.fault) for fault in found.faults] == [(f"blob:{gone}", "missing")]


def test_a_store_without_conditional_writes_or_checksums(opened: Opener, between: Middle) -> None:
    plain = opened(conditional_put=False, checksums=False)
    plain.put(MAIL)
    between.fails()
    assert plain.put(MAIL) == NAME
    assert between.count("PUT") == 0
    between.fails(damaged_on_the_way, methods=("PUT",))
    assert plain.put(MAIL + b"more")
    assert between.count("PUT") == 2  # the hash that the request was signed over nobody compared
    assert [name for name, error in plain.examine(list(plain.names())) if error] == []


def test_what_stands_under_the_name_and_is_other_bytes_is_written_anew(
    opened: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    archive = opened()
    archive.put(MAIL)
    archive._bucket.put(archive._key(NAME), MAIL[::-1])  # as long, so only the checksum tells
    with caplog.at_level(logging.ERROR):
        archive.put(MAIL)
    assert "written anew" in caplog.text
    assert archive.get(NAME) == MAIL


def test_an_older_head_is_never_written_over_a_newer_one(opened: Opener, between: Middle) -> None:
    """Another machine writes between our look and our writing."""
    ours, theirs = opened(), opened(straight=True)
    ledger.write_head(ours.papers, HEAD_1)

    def overtaken(handler: object, body: bytes) -> None:
        ledger.write_head(theirs.papers, HEAD_3)
        served(handler, body)  # type: ignore[arg-type]

    between.fails(overtaken, methods=("PUT",))
    ledger.write_head(ours.papers, HEAD_2)
    assert ledger.head_in(ledger.find_head(theirs.papers)) == HEAD_3
    between.fails(answer_lost, methods=("PUT",))
    ledger.write_head(ours.papers, Head(number=4, hash="4" * 64))
    assert theirs.papers.read("HEAD") == b"4:" + b"4" * 64 + b"\n"


def test_a_private_authority_is_trusted_where_it_is_named(store: Store, tmp_path: Path) -> None:
    certificate = self_signed(tmp_path)
    with middle(store.ports[0], certificate) as secured:
        for ca_file in (None, certificate.certificate):
            its = store.settings(BUCKET, endpoint=secured.endpoint, ca_file=ca_file, attempts=1)
            archive = ObjectArchive(Bucket(its), store.new_prefix(), tmp_path / "tasks")
            if ca_file:
                assert archive.get(archive.put(MAIL)) == MAIL
            else:
                with pytest.raises(Refused, match="ca_file"):
                    archive.put(MAIL)
            archive.close()


def test_another_bucket_than_that_of_the_records_is_told(opened: Opener, store: Store, tmp_path: Path) -> None:
    opened().put(MAIL)
    elsewhere = ObjectArchive(Bucket(store.settings(BUCKET)), store.new_prefix(), tmp_path / "tasks")
    elsewhere.must_stand = True
    with pytest.raises(Unavailable, match="right bucket and prefix"):
        elsewhere.get(NAME)


def test_a_store_that_heeds_no_condition_is_told_by_doctor(opened: Opener, between: Middle) -> None:
    archive = opened()

    def heedless(handler: object, body: bytes) -> None:
        handler.answer(200, [("ETag", '"1"')], b"")  # type: ignore[attr-defined]

    between.fails(*[served, heedless, heedless, heedless], methods=("PUT",))
    [first, *_] = archive.trial()
    assert first.grave
    assert "conditional_put = false" in first.mend
