"""Console and worker on one port: who serves `/healthz` when, and what is refused."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest

from config.settings import SettingsError
from storage.errors import Busy
from tests.office import office
from web.server import serving_console
from web.serving import Turns


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def healthz(port: int) -> tuple[int, dict[str, object], str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
            return answer.status, json.load(answer), answer.headers["Server"]
    except HTTPError as error:
        return error.code, json.load(error), error.headers["Server"]


def is_console(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=20) as answer:
            return bool(answer.status == 200)
    except HTTPError:
        return False


def test_the_worker_gives_way_to_the_console_and_takes_over_again(tmp_path: Path) -> None:
    with office(tmp_path, web={"port": free_port()}) as here:
        port = here.app.settings.web.port
        turns = Turns(here.app)
        turns.look()
        assert (turns.port, is_console(port)) == (port, False)
        with here.app.database.console():
            turns.look()
            assert turns.port is None
        with serving_console(here.app) as served:
            turns.look()
            assert (served, turns.port, is_console(port)) == (port, None, True)
            status, document, server = healthz(port)
            assert (status, document["status"], server) == (503, "outage", "baosong"), "no worker ran yet"
        turns.look()
        assert (turns.port, is_console(port)) == (port, False)
        turns.close()


def test_there_is_one_console_on_a_database(tmp_path: Path) -> None:
    with (
        office(tmp_path, web={"port": 0}) as here,
        serving_console(here.app),
        pytest.raises(Busy),
        serving_console(here.app),
    ):
        pass


def test_a_port_that_others_have_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            office(tmp_path, web={"port": port}) as here,
            pytest.raises(SettingsError, match=f"{port} cannot be had"),
            serving_console(here.app),
        ):
            pass


def test_metrics_are_on_the_consoles_port(tmp_path: Path) -> None:
    with (
        office(tmp_path, web={"port": 0}) as here,
        serving_console(here.app) as port,
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer,
    ):
        assert b"baosong_healthy 0.0" in answer.read()
