"""`baosong web`: the console."""

from __future__ import annotations

import click

from cli.common import config_option, open_app


@click.command(epilog="Example: baosong web")
@config_option
def web() -> None:
    """Serve the console on [web] host and port, with /healthz and /metrics, until SIGTERM. Beside it `baosong run` reads the
    mail; the first account is made by `baosong user add`."""
    from web.server import serve_console

    with open_app(writes=True) as app:
        serve_console(app)
