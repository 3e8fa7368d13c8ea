"""`baosong init`: a folder with a commented configuration and an editable copy of the notice to begin with."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import click

from cli.common import config_option
from cli.errors import NeedsAttention

_PLACE = 'active = ["my-notice"]'
"""In the example: where the ids of the copied notices go."""


@click.command(name="init", epilog="Example: baosong init /srv/baosong")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@config_option
def init(folder: Path) -> None:
    """Write DIR/baosong.toml, commented, and DIR/notices with a copy of the shipped notice."""
    from config.tables import NOTICES, notices_to_begin_with

    ids = notices_to_begin_with()
    toml, notices = folder / "baosong.toml", [folder / "notices" / f"{id_}.yaml" for id_ in ids]
    standing = [path for path in (toml, *notices) if path.exists()]
    if standing:
        raise NeedsAttention(*(f"{path} exists already and is left as it is" for path in standing))
    (folder / "notices").mkdir(parents=True, exist_ok=True)
    example = (files("config") / "baosong.example.toml").read_text(encoding="utf-8")
    toml.write_text(example.replace(_PLACE, f"active = {json.dumps(ids)}"), encoding="utf-8")
    toml.chmod(0o600)
    for notice in notices:
        notice.write_text((NOTICES / notice.name).read_text(encoding="utf-8"), encoding="utf-8")
    click.echo(f"wrote {toml} and {', '.join(map(str, notices))}")
    click.echo(f"next: fill in [mailbox] and [smtp], then `baosong doctor --config {toml}`")
