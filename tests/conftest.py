"""How the suite is run (`tests/running.py`), and fixtures of the command line's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog

from tests import stores
from tests.running import keep_files_in_memory, keeps_records, order
from tests.servers.objects import Store, object_store
from tests.shell import Shell

keep_files_in_memory()  # before anything asks for a temporary folder, and before xdist starts its workers


_run = ExitStack()
"""What lives as long as the run."""


def pytest_configure(config: pytest.Config) -> None:
    """xdist would begin with the files that hold the most tests, which are the quick ones."""
    config.option.loadscopereorder = False
    if stores.POSTGRESQL and not hasattr(config, "workerinput"):  # xdist's workers share the server of who began them
        _run.enter_context(stores.serving())


def pytest_unconfigure() -> None:
    _run.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    places = order(item.path.stem for item in items)
    items.sort(key=lambda item: places[item.path.stem])
    other = "sqlite" if stores.POSTGRESQL else "postgresql"
    left = {item for item in items if item.get_closest_marker(other) or (stores.POSTGRESQL and not keeps_records(item))}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


@pytest.fixture(autouse=stores.POSTGRESQL)
def _databases_end() -> Iterator[None]:
    """Those that a test made end with it: eight megabytes each, and a thousand tests. What a fixture of its module made stays."""
    before = len(stores.server().made)
    yield
    stores.server().drop(stores.server().made[before:])


@pytest.fixture(autouse=True)
def _logging_is_as_at_the_start() -> Iterator[None]:
    """Commands and benches are run in this process, and set what is logged: the next test asks for a log of its own."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def baosong(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A configuration without servers: for commands that touch none."""
    file = tmp_path / "baosong.toml"
    file.write_text('[notices]\nactive = ["puyang-2020-51"]\n', encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An object store, started when the first test asks for it."""
    with object_store(tmp_path_factory.mktemp("store")) as made:
        yield made
