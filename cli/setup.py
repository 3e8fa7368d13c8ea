"""`baosong init`: a folder with a commented configuration and an editable copy of the shipped notice."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from cli.common import config_option
from cli.errors import NeedsAttention

_NOTICE = "puyang-2020-51.yaml"


@click.command(name="init", epilog="Example: baosong init /srv/baosong")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@config_option
def init(folder: Path) -> None:
    """Write DIR/baosong.toml, commented, and DIR/notices with a copy of the shipped notice."""
    toml, notice = folder / "baosong.toml", folder / "notices" / _NOTICE
    standing = [path for path in (toml, notice) if path.exists()]
    if standing:
        raise NeedsAttention(*(f"{path} exists already and is left as it is" for path in standing))
    notice.parent.mkdir(parents=True, exist_ok=True)
    shipped = files("config")
    toml.write_text((shipped / "baosong.example.toml").read_text(encoding="utf-8"), encoding="utf-8")
    toml.chmod(0o600)
    notice.write_text((shipped / "notices" / _NOTICE).read_text(encoding="utf-8"), encoding="utf-8")
    click.echo(f"wrote {toml} and {notice}")
    click.echo(f"next: fill in [mailbox] and [smtp], then `baosong doctor --config {toml}`")
