"""How the suite is run (`tests/running.py`), and fixtures of the command line's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import keep_files_in_memory, order
from tests.servers.objects import Store, object_store
from tests.shell import Shell

keep_files_in_memory()  # before anything asks for a temporary folder, and before xdist starts its workers


def pytest_configure(config: pytest.Config) -> None:
    """xdist would begin with the files that hold the most tests, which are the quick ones."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = order(item.path.stem for item in items)
    items.sort(key=lambda item: places[item.path.stem])


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
