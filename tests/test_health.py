"""`/healthz` and `/metrics`: what is an outage, what is only a task, and that real clients can read both."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from ingest import alarms, jobs, outages
from ingest.errors import ConnectionLost, LoginRefused
from ingest.health import look, note_beat
from ingest.passes import PassReport
from ingest.stages import BUCKETS, Stages
from notifier.errors import LoginRefusal, ServerRefusal, TemporaryRefusal
from storage import ledger
from storage.ledger import write_head
from tests.office import MemoryMailbox, Office, office
from tests.parts import scan, workbook
from tests.stores import lose
from web.health import health_application
from web.metrics import metrics_page
from web.serving import serving_health

SHEET = workbook()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


class Refusing(MemoryMailbox):
    """Its polls fail with the error it is given."""

    error: Exception = LoginRefused("wrong code", retry_after=120)

    def folders(self) -> tuple[str, ...]:
        raise self.error


def refusing(here: Office, error: Exception) -> None:
    box = Refusing()
    box.error = error
    here.app._mailboxes = {"main": box}  # type: ignore[dict-item]


def at_work(here: Office) -> None:
    """A pass as the worker makes it, with its note of being alive."""
    here.run()
    note_beat(here.app, here.now)


def codes(here: Office) -> tuple[list[str], list[str]]:
    health = look(here.app)
    return [one.code for one in health.outages], [one.code for one in health.attention]


def test_a_worker_at_work_is_well(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    at_work(here)
    assert codes(here) == ([], [])


def test_before_any_worker_ran_it_is_not_well(here: Office) -> None:
    assert codes(here)[0] == ["worker", "polling_stalled"]


def test_a_worker_that_gives_no_sign_is_an_outage(here: Office) -> None:
    at_work(here)
    here.now += 4 * MINUTE
    assert codes(here) == (["worker"], [])
    here.now += 12 * MINUTE
    assert codes(here) == (["worker", "polling_stalled"], [])


def test_polls_that_fail_are_a_note_first_and_an_outage_after_a_quarter_of_an_hour(here: Office) -> None:
    at_work(here)
    refusing(here, ConnectionLost("down"))
    at_work(here)
    assert codes(here) == ([], ["polling_stalled"])
    here.now += 16 * MINUTE
    at_work(here)
    assert codes(here)[0] == ["polling_stalled"]
    here.app._mailboxes = {"main": here.box}  # type: ignore[dict-item]
    at_work(here)
    assert codes(here)[0] == []


def test_two_refused_log_ins_in_a_row_are_an_outage_at_once(here: Office) -> None:
    at_work(here)
    refusing(here, LoginRefused("wrong code"))
    at_work(here)
    assert codes(here) == ([], ["polling_stalled", "tasks"])
    here.now += 2 * MINUTE
    at_work(here)
    [reason] = look(here.app).outages
    assert (reason.code, "2 time(s)" in reason.text) == ("polling_stalled", True)


@pytest.mark.parametrize(
    ("error", "found"),
    [(ServerRefusal(0, "no connection"), ["sending_stalled"]), (TemporaryRefusal(452, "mailbox full"), [])],
    ids=["our-server", "the-recipients-mailbox"],
)
def test_only_our_own_server_makes_sending_an_outage(here: Office, error: Exception, found: list[str]) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    here.letters.raising = [error] * 9
    at_work(here)
    here.now += 16 * MINUTE
    at_work(here)
    assert codes(here)[0] == found
    here.letters.raising = []
    here.now += 3 * 60 * MINUTE
    at_work(here)
    assert codes(here)[0] == []


def test_a_refused_log_in_to_send_is_counted(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    here.letters.raising = [LoginRefusal(535, "no")] * 2
    at_work(here)
    here.now += 2 * MINUTE
    at_work(here)
    [reason] = look(here.app).outages
    assert (reason.code, "authorization code" in reason.text) == ("sending_stalled", True)


def test_no_letter_left_means_no_outage_of_sending(here: Office) -> None:
    """A letter that staff or a newer decision took back leaves nobody who could show that sending works."""
    at_work(here)
    with here.app.database.begin() as tx:
        outages.failed(tx, outages.SEND, "main", here.now)
    here.now += 16 * MINUTE
    at_work(here)
    assert codes(here) == ([], [])


def test_a_loop_that_never_comes_is_found_out(here: Office) -> None:
    """Mails were taken in and nobody decides them: nothing failed, and it is an outage all the same."""
    at_work(here)
    here.mail("m1", SHEET, scan(SHEET))
    began = here.now
    for _ in range(12):
        jobs.poll(here.app, PassReport())
        alarms.watch(here.app, started=began)
        note_beat(here.app, here.now)
        here.now += 2 * MINUTE
    assert codes(here)[0] == ["processing_stalled"]
    at_work(here)
    alarms.watch(here.app, started=began)
    assert codes(here)[0] == []


def test_held_mails_and_tasks_wake_nobody(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    here.reader.raising = {"m1": [ZeroDivisionError("a fault of ours")]}
    at_work(here)
    assert codes(here) == ([], ["held", "tasks"])


def test_another_databases_head_is_an_outage(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    at_work(here)
    with here.app.database.read() as tx:
        head = ledger.head(tx)
    assert head is not None
    write_head(here.app.blobs.papers, replace(head, hash="0" * 64))
    assert codes(here)[0] == ["ledger_head"]


def test_a_database_that_cannot_be_read_is_an_outage_and_no_crash(here: Office) -> None:
    at_work(here)
    here.app.database.close()
    lose(here.app.settings.base)
    if here.app.database.file:
        here.app.database.file.write_bytes(b"no database" * 1000)
    assert codes(here) == (["database"], [])


def ask(here: Office, path: str, method: str = "GET", **headers: str) -> tuple[str, dict[str, str], bytes]:
    """Through the checker of the standard library, which raises at any breach of PEP 3333."""
    told: list[Any] = []
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": ""} | headers

    def start(status: str, sent: list[tuple[str, str]], *_: object) -> Any:
        told.extend((status, dict(sent)))
        return lambda _: None

    answer = validator(health_application(here.app))(environ, start)  # type: ignore[arg-type]
    body = b"".join(answer)
    answer.close()  # type: ignore[attr-defined]
    return told[0], told[1], body


def test_healthz_says_200_or_503_and_why(here: Office) -> None:
    status, headers, body = ask(here, "/healthz")
    assert (status, headers["Content-Type"]) == ("503 Service Unavailable", "application/json")
    assert [one["code"] for one in json.loads(body)["outages"]] == ["worker", "polling_stalled"]
    at_work(here)
    status, headers, body = ask(here, "/healthz")
    assert (status, headers["Cache-Control"]) == ("200 OK", "no-store")
    assert json.loads(body)["status"] == "ok"


def test_other_paths_and_methods_are_refused(here: Office) -> None:
    assert ask(here, "/")[0].startswith("404")
    status, headers, _ = ask(here, "/healthz", "POST")
    assert (status[:3], headers["Allow"]) == ("405", "GET, HEAD")
    status, headers, body = ask(here, "/healthz", "HEAD")
    assert (status[:3], int(headers["Content-Length"]) > 0, body) == ("503", True, b"")


WORDS_OF_A_FAULT = "no such table: known_addresses of li.si@example.cn in /srv/baosong/data"


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_fault_of_ours_is_told_by_its_number_alone(tmp_path: Path, path: str, method: str) -> None:
    """Over HTTP, as whoever reaches the port has it; the log has the kind and the lines, and no words of the fault either."""

    def broken() -> datetime:
        raise RuntimeError(WORDS_OF_A_FAULT)

    with office(tmp_path, web={"port": 0}) as here, serving_health(here.app) as port, capture_logs() as logs:
        here.app.clock = broken
        line = http.client.HTTPConnection("127.0.0.1", port or 0, timeout=20)
        line.request(method, path)
        answer = line.getresponse()
        body = answer.read()
        line.close()
    assert (answer.status, answer.reason) == (500, "Internal Server Error")
    assert body == (b"the page could not be made; see the log\n" if method == "GET" else b"")
    told = str(answer.msg)
    secret = ("known_addresses", "li.si", "/srv", "RuntimeError", "Traceback", "broken", "Python")
    assert [word for word in secret if word in told] == []
    [entry] = logs
    assert (entry["event"], entry["error"], "broken" in entry["trace"]) == ("health_page_failed", "RuntimeError", True)
    assert WORDS_OF_A_FAULT not in str(entry)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"])
@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/none"])
def test_every_other_method_is_refused_and_nothing_of_it_repeated(served: int, method: str, path: str) -> None:
    """Over HTTP: TRACE above all would hand back what it was sent. The server lives on."""
    line = http.client.HTTPConnection("127.0.0.1", served, timeout=20)
    line.request(method, path, body=b"words-of-my-own", headers={"X-Words": "words-of-my-own"})
    answer = line.getresponse()
    body = answer.read()
    assert (answer.status, answer.headers["Allow"], body) == (405, "GET, HEAD", b"GET or HEAD only\n")
    assert "words-of-my-own" not in str(answer.msg)
    line.close()
    with urllib.request.urlopen(f"http://127.0.0.1:{served}/metrics", timeout=20) as page:
        assert page.status == 200


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of pages that live as long as the tests of this file."""
    with office(tmp_path_factory.mktemp("served"), web={"port": 0}) as here, serving_health(here.app) as port:
        assert port is not None
        yield port


def families(here: Office) -> dict[str, list[Any]]:
    page = metrics_page(here.app)
    return {family.name: family.samples for family in text_string_to_metric_families(page.body.decode())}


def values(samples: list[Any]) -> dict[tuple[str, ...], float]:
    return {tuple(value for _, value in sorted(sample.labels.items())): sample.value for sample in samples}


def test_the_records_in_numbers_as_prometheus_reads_them(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    here.mail("m2", SHEET, sender="other@example.cn")
    at_work(here)
    here.now += 3 * MINUTE
    found = families(here)
    assert values(found["baosong_mails_received"]) == {(): 2.0}
    assert values(found["baosong_mails_settled"]) == {("submission",): 2.0}
    assert sum(values(found["baosong_decisions"]).values()) >= 1.0
    assert values(found["baosong_letters"]) == {("sent",): 2.0}
    assert values(found["baosong_poll_age_seconds"]) == {("main",): 180.0}
    assert values(found["baosong_worker_age_seconds"]) == {(): 180.0}
    assert values(found["baosong_queue_age_seconds"]) == {(): 0.0}
    assert values(found["baosong_failing_seconds"]) == {
        ("main", "poll"): 0.0, ("", "process"): 0.0, ("main", "send"): 0.0, ("", "send"): 0.0,
    }  # fmt: skip
    assert values(found["baosong_healthy"]) == {(): 1.0}
    counts = {
        sample.labels["stage"]: sample.value
        for sample in found["baosong_stage_seconds"]
        if sample.name.endswith("_count")
    }
    assert counts == {"poll": 1.0, "read": 2.0, "judge": 2.0, "send": 2.0}


def test_ages_grow_while_something_waits(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET))
    here.letters.raising = [ServerRefusal(0, "down")]
    at_work(here)
    here.now += 10 * MINUTE
    found = families(here)
    assert values(found["baosong_outbox_age_seconds"]) == {(): 600.0}
    assert values(found["baosong_outbox_waiting"]) == {(): 1.0}
    assert values(found["baosong_failing_seconds"])["main", "send"] == 600.0


def test_openmetrics_is_given_to_who_asks_for_it(here: Office) -> None:
    at_work(here)
    page = metrics_page(here.app, "application/openmetrics-text; version=1.0.0")
    assert page.media.startswith("application/openmetrics-text")
    assert {"baosong_mails_received", "baosong_stage_seconds"} <= {
        family.name for family in openmetrics.text_string_to_metric_families(page.body.decode())
    }


def test_no_address_name_or_receipt_is_told(here: Office) -> None:
    here.mail("m1", SHEET, scan(SHEET), sender="li.si@example.cn")
    here.letters.raising = [ServerRefusal(550, "li.si@example.cn")]
    at_work(here)
    here.now += 16 * MINUTE
    at_work(here)
    [receipt] = here.cases()
    told = (metrics_page(here.app).body + ask(here, "/healthz")[2]).decode()
    assert not [word for word in ("@", "li.si", receipt, "濮阳") if word in told]


def test_the_pages_are_served_over_http_beside_the_worker(tmp_path: Path) -> None:
    with office(tmp_path, web={"port": 0}) as here:
        at_work(here)
        with serving_health(here.app) as port:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
                assert json.load(answer)["status"] == "ok"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
                assert b"baosong_healthy 1.0" in answer.read()
            here.now += 20 * MINUTE
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20)
            assert refused.value.code == 503
            with office(tmp_path / "second", web={"port": port}) as second, serving_health(second.app) as none:
                assert none is None  # taken: the worker goes on without


@pytest.mark.parametrize(
    "request_", [b"GET /healthz HTTP/1.0", b"GET /<b>x</b> HTTP/1.0", b"<script>x", b"GET / HTTP/9.9"]
)
def test_nobody_is_told_versions_or_his_own_words(here: Office, tmp_path: Path, request_: bytes) -> None:
    with office(tmp_path / "served", web={"port": 0}) as served, serving_health(served.app) as port:
        assert port is not None
        with socket.create_connection(("127.0.0.1", port), timeout=20) as asking:
            asking.sendall(request_ + b"\r\n\r\n")
            answer = b"".join(iter(lambda: asking.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.0 ")
    assert [word for word in (b"Python", b"WSGIServer", b"<b>", b"<script>", b"<html") if word in answer] == []
    assert b"nosniff" in answer or b"Content-Type" not in answer


def test_who_asks_and_says_nothing_cannot_take_up_more_than_eight_threads(tmp_path: Path) -> None:
    with office(tmp_path, web={"port": 0}) as here, serving_health(here.app) as port, ExitStack() as idle:
        assert port is not None
        for _ in range(8):
            idle.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        with socket.create_connection(("127.0.0.1", port), timeout=20) as ninth:
            assert ninth.recv(1) == b"", "hung up on"


def test_stages_count_by_time_and_know_who_is_silent() -> None:
    now = [0.0]
    stages = Stages(clock=lambda: now[0])
    for seconds in (0.005, 0.2, 400.0):
        with stages.timed("read"):
            now[0] += seconds
    told = stages.snapshot()["read"]
    expected = [0] * (len(BUCKETS) + 1)
    for position in (0, 3, len(BUCKETS)):
        expected[position] = 1
    assert told == {"counts": expected, "milliseconds": 400205}
    assert stages.silent() == ()
    now[0] += 46 * 60
    assert stages.silent() == ("process",)
    stages.beat("process")
    assert stages.silent() == ()
