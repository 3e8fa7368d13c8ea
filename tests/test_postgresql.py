"""What only a server can do: be away, restart, give a lock to somebody else, order text as a language does, refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from ingest.scheduler import Worker
from storage import advisory, senders, state, tasks
from storage.database import Database
from storage.engines import single_engine
from storage.errors import Busy, Unavailable, Unusable
from storage.lock import Held
from storage.senders import KnownAddress
from tests.office import office
from tests.shell import Shell
from tests.storage_values import NOON, database
from tests.stores import server, url_of

pytestmark = pytest.mark.postgresql
PATIENCE = 30
LOOK = 0.05
_THIS = "FROM pg_database WHERE datname = current_database()"
_IN_ANOTHER_ORDER = (
    "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' "
    "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Database]:
    made = database(tmp_path)
    yield made
    made.close()


def end_connections(folder: Path) -> None:
    """As a server's restart does."""
    name = str(make_url(url_of(folder)).database)
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    with closing(server().connect(name)) as connection:
        connection.execute(query, (name,))


def eventually(holds: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(int(PATIENCE / LOOK)):
        if holds():
            return
        waiting.wait(LOOK)
    pytest.fail("it never came true")


def lock(folder: Path, look: float = LOOK) -> AbstractContextManager[Held]:
    return advisory.sole(single_engine(make_url(url_of(folder)), "worker"), "worker", "here", look=look)


def test_a_server_that_restarts_is_unavailable_once_at_most(base: Database, tmp_path: Path) -> None:
    with base.begin() as tx:
        state.put(tx, "a", 1)
    with pytest.raises(Unavailable), base.begin() as tx:
        end_connections(tmp_path)
        state.put(tx, "a", 2)
    end_connections(tmp_path)
    with base.read() as tx:
        assert state.get(tx, "a") == 1


def test_a_server_that_is_not_there_is_unavailable_and_its_password_stands_nowhere(tmp_path: Path) -> None:
    base = Database(f"postgresql+psycopg://baosong@/baosong?host={tmp_path}", "hush-hush")
    for ask in (base.revision, base.worker_holds, base.sole_worker().__enter__, base.upgrade):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert "hush-hush" not in f"{caught.value} {caught.value.__cause__}"
        assert len(str(caught.value).splitlines()) == 1
    assert "baosong:***@" in base.place


def test_of_two_that_wait_for_one_another_one_is_told_to_try_again(base: Database) -> None:
    met = threading.Barrier(2)

    def both(first: str, second: str) -> str:
        try:
            with base.begin() as tx:
                state.count(tx, first)
                met.wait(PATIENCE)
                state.count(tx, second)
        except Unavailable:
            return "again"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(both, *names) for names in (("a", "b"), ("b", "a"))]
        assert sorted(each.result() for each in found) == ["again", "done"]


def test_an_error_tells_no_value_of_the_row_that_failed(base: Database) -> None:
    with pytest.raises(IntegrityError) as caught, base.begin() as tx:
        tx.execute(text("INSERT INTO tasks (kind, subject) VALUES ('k', :subject)"), {"subject": "13912345678"})
    assert "13912345678" not in f"{caught.value} {caught.value.orig} {caught.value.__cause__}"


def test_the_worker_is_one_and_others_are_told_where_it_is(base: Database) -> None:
    assert not base.worker_holds()
    with base.sole_worker() as held:
        assert (held.stands(), held.is_lost(), base.worker_holds(), base.console_runs()) == (True, False, True, False)
        with pytest.raises(Busy, match=r"another worker, baosong worker \(process \d+\) at the same machine, holds"):
            base.sole_worker().__enter__()
        with base.console():
            assert base.console_runs()
    assert not base.worker_holds()


def test_a_lock_whose_connection_is_lost_is_taken_again(tmp_path: Path, base: Database) -> None:
    with lock(tmp_path) as held:
        end_connections(tmp_path)
        eventually(base.worker_holds)
        eventually(held.stands)
        assert not held.is_lost()


def test_a_lock_that_another_took_meanwhile_is_lost(tmp_path: Path) -> None:
    with lock(tmp_path, look=1.0) as held:  # so long another has to take it
        end_connections(tmp_path)
        with ExitStack() as other:
            eventually(lambda: _taken(other, tmp_path))
            eventually(held.is_lost)
            assert not held.stands()


def _taken(other: ExitStack, folder: Path) -> bool:
    try:
        other.enter_context(lock(folder))
    except Busy:
        return False
    return True


def test_a_worker_that_another_has_taken_over_from_ends_and_says_so(tmp_path: Path) -> None:
    class Lost(Held):
        lost = False

        def stands(self) -> bool:
            return not self.lost

        def is_lost(self) -> bool:
            return self.lost

    with office(tmp_path) as here:
        held = Lost()
        worker = Worker(app=here.app, held=held, process_seconds=LOOK, send_seconds=LOOK)
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(worker.run)
            held.lost = True
            with pytest.raises(Busy, match="taken over"):
                running.result(PATIENCE)


def test_text_is_ordered_by_its_bytes_whatever_the_language_of_the_server(base: Database) -> None:
    addresses = ["B@b.cn", "a@b.cn", "é@b.cn", "一@b.cn", "丁@b.cn", "濮@b.cn"]
    with base.begin() as tx:
        assert tx.execute(text(f"SELECT daticulocale {_THIS}")).scalar() == "zh"
        for address in reversed(addresses):
            known = KnownAddress(
                notice="n", reporter="PYX", address=address, receipt=None, confirmed_at=NOON, confirmed_by="x"
            )
            senders.confirm(tx, known)
        assert [each.address for each in senders.all_known(tx, "n")] == sorted(addresses)
        assert tx.execute(text(_IN_ANOTHER_ORDER)).scalars().all() == []


def test_a_database_in_another_encoding_is_refused(tmp_path: Path) -> None:
    server().execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    server().made.append("latin")
    with pytest.raises(Unusable, match="LATIN1"):
        Database(server().url("latin")).upgrade()


def test_two_that_migrate_at_once_wait_for_one_another() -> None:
    server().execute("CREATE DATABASE bare TEMPLATE template0 ENCODING 'UTF8'")
    server().made.append("bare")
    with ThreadPoolExecutor(2) as pool:
        bases = [Database(server().url("bare")) for _ in range(2)]
        for done in [pool.submit(base.upgrade) for base in bases]:
            done.result()
    assert bases[0].current()
    for base in bases:
        base.close()


def test_a_role_that_may_not_is_told_so(base: Database, tmp_path: Path) -> None:
    name = str(make_url(url_of(tmp_path)).database)
    server().execute(f"CREATE ROLE r{name} LOGIN")
    url = make_url(url_of(tmp_path)).set(username=f"r{name}").render_as_string(hide_password=False)
    other = Database(url)
    with pytest.raises(Unusable, match="permission denied"), other.begin() as tx:
        tasks.add(tx, "k", "s", "x")
    other.close()
    server().execute(f"DROP ROLE r{name}")


def test_commands_name_the_database_without_its_password(tmp_path: Path, baosong: Shell) -> None:
    file = tmp_path / "baosong.toml"
    url = url_of(tmp_path).replace("postgres@", "postgres:hush-hush@")
    file.write_text(f'[storage]\ndatabase = "{url}"\n', encoding="utf-8")
    file.chmod(0o600)
    assert baosong("db", "upgrade", "--config", file).status == 0
    ran = baosong("doctor", "--config", file)
    assert "hush-hush" not in ran.out + ran.err
    ran = baosong("restore", tmp_path, "--config", file)
    assert (ran.status, "hush-hush" in ran.err) == (1, False)
