"""`baosong audit bundle`: the evidence of one submission, for an auditor who has none of our software."""

from __future__ import annotations

from pathlib import Path

import click

from cli.common import acting, config_option, json_option, open_app, print_json
from cli.errors import NeedsAttention
from cli.files import writable
from cli.retention import erased_case, erased_line


@click.command(
    short_help="The evidence of one submission as a zipped bag.",
    epilog="Example: baosong audit bundle PY51-PYX-20200227-03 evidence.zip",
)
@click.argument("receipt")
@click.argument(
    "file",
    metavar="FILE.zip",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=writable(".zip", kind="a bundle is a zip"),
)
@click.option("--with-quarantined", is_flag=True, help="Also files in which the virus scanner found something.")
@json_option
@config_option
def bundle(receipt: str, file: Path, with_quarantined: bool, as_json: bool) -> None:
    """Write mails, files, pictures, letters, records, decision and the ledger's proof of all of it into one zip.

    It is a bag (BagIt, RFC 8493) with a program inside, verify.py, that checks everything with Python alone, and a text in
    Chinese that says how. It holds names and phone numbers and is readable for you alone; the ledger notes that it was made.
    """
    from ingest import bundle as bundles
    from ingest.evidence import kept
    from storage import submissions

    if file.exists():
        raise click.BadParameter(f"{file} is there already, and evidence is not written over", param_hint="FILE.zip")
    with open_app(writes=True) as app:
        with app.database.read() as tx:
            found = kept(tx, submissions.spelled(tx, receipt))
        if found is None and (stone := erased_case(app, receipt)):
            raise NeedsAttention(erased_line(stone))
        if found is None:
            raise NeedsAttention(f"no submission has the receipt {receipt}; `baosong submissions` lists them")
        made = bundles.bundle(app, found, file, by=acting(), with_quarantined=with_quarantined)
    left = [{"sha256": one.sha256, "why": one.why} for one in made.left_out]
    if as_json:
        print_json({"file": str(file), "sha256": made.sha256, "files": made.files, "head": made.head, "left_out": left})
    else:
        click.echo(f"{file}: {made.files} files, proven up to the ledger's head {made.head}")
        click.echo(f"sha256 {made.sha256}; noted in the ledger")
        for one in made.left_out:
            click.echo(f"left out: {one.sha256}: {one.why}")
    if made.lost:
        raise NeedsAttention(*(f"blob:{sha256}: missing or altered; the bundle says so" for sha256 in made.lost))
