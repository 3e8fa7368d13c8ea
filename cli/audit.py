"""`baosong audit`: recomputes every hash of the archive and the ledger, writes a lost head anew, makes a key for signing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.bundle import bundle
from cli.common import acting, config_option, json_option, open_app, print_json, settings
from cli.errors import NeedsAttention
from cli.progress import watched
from cli.retention import tombstone_json

if TYPE_CHECKING:
    from storage.ledger import Head


@click.group(epilog="Example: baosong audit verify --json")
def audit() -> None:
    """Recompute every hash of archive and ledger."""


audit.add_command(bundle)


class _Heads(click.ParamType[tuple["Head", ...]]):
    """What `--head` takes."""

    name = "head"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Head, ...]:
        from ingest.heads import NoHead, outside_heads

        try:
            return outside_heads(value)
        except (NoHead, OSError) as error:
            self.fail(str(error), param, ctx)


head_option = click.option(
    "--head",
    "heads",
    type=_Heads(),
    multiple=True,
    metavar="N:HASH|MAIL.eml",
    help="A head that somebody else kept, or a letter of ours, also one that was returned or forwarded. May be repeated.",
)


@audit.command(
    short_help="Name what is altered, missing or extra.",
    epilog="Example: baosong audit verify --head letter.eml --json",
)
@head_option
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PUBLIC.pem",
    help="The public key that daily heads must be signed with (default: that of [ledger] signing_key). May be repeated.",
)
@click.option(
    "--resume",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep in FILE how far the archive was read, and go on from there when the command is given again.",
)
@json_option
@config_option
def verify(as_json: bool, heads: Sequence[Sequence[Head]], keys: Sequence[Path], resume: Path | None) -> None:
    """Recompute every hash and the ledger chain; name anything altered, missing or extra.

    A ledger whose end was cut off, or that was made anew, fits in itself: only a head that others keep tells. Every letter
    carries one, in its header X-Baosong-Ledger and, its first 16 digits, in its last lines.

    A large archive takes hours. With --resume, what was found whole before the command was broken off is not read again, unless
    it was written since; the file is gone when all was read.
    """
    from ingest.app import build
    from ingest.evidence import verify as recompute
    from storage.errors import Unusable
    from storage.signing import load_public_key

    try:
        public = [load_public_key(key) for key in keys]
    except Unusable as error:
        raise click.BadParameter(str(error), param_hint="--key") from error
    with build(settings()) as app, watched(quiet=as_json) as progress:
        result = recompute(app, [head for one in heads for head in one], public, progress=progress, resume=resume)
    faults = [{"object": fault.object, "fault": fault.fault} for fault in result.faults]
    erased = {"erased_by_rule": [tombstone_json(stone) for stone in result.erased]} if result.erased else {}
    if as_json:
        print_json({"ok": not faults, "checked": result.checked, "faults": faults} | erased)
    else:
        if result.erased:
            mails = sum(stone.subject.startswith("mail:") for stone in result.erased)
            click.echo(
                f"erased_by_rule: {len(result.erased) - mails} submissions, {mails} mails; `baosong retention list` names them"
            )
        click.echo(
            f"checked {result.checked} objects: " + ("all as recorded" if not faults else f"{len(faults)} faults")
        )
    if result.older:
        click.echo(
            f"note: decisions entered when the ledger did not vouch yet for all that was read: {result.older} "
            "(docs/decisions/ledger.md says what it has of them)",
            err=True,
        )
    if result.unchecked:
        click.echo(
            f"note: signed heads whose signatures were not checked, as their key is not the configured one: {result.unchecked} "
            "(--key PUBLIC.pem)",
            err=True,
        )
    if faults:
        raise NeedsAttention(*(f"{fault['object']}: {fault['fault']}" for fault in faults))


@audit.command(
    short_help="Write a lost HEAD anew.", epilog='Example: baosong audit rehead --reason "disk lost, no copy"'
)
@click.option("--reason", required=True, help="Why no copy is left; kept in the ledger.")
@config_option
def rehead(reason: str) -> None:
    """Write archive/HEAD anew from the database, where it is lost or damaged and no copy is left."""
    from ingest.evidence import refuse_new_database
    from ingest.evidence import rehead as write

    if not reason.strip():
        raise click.BadParameter("say why: the auditor will read it", param_hint="--reason")
    with open_app() as app:
        refuse_new_database(app)
        head = write(app, reason=reason.strip(), by=acting())
    click.echo(f"HEAD is now {head.number}:{head.hash}; the ledger says so and why")


@audit.command(
    short_help="Make a key that signs daily heads.", epilog="Example: baosong audit key /srv/baosong/ledger-key.pem"
)
@click.argument("file", type=click.Path(path_type=Path))
def key(file: Path) -> None:
    """Make an Ed25519 key: the private half into FILE, readable by you alone, the public half into FILE.pub.

    Name FILE in [ledger] signing_key, and give FILE.pub to the auditors: with it and openssl anybody can check the signed
    heads in archive/heads.
    """
    from storage.signing import make_key

    made = make_key(file)
    click.echo(f"{file}: the private key; no back-up made by this program holds it\n{file}.pub: for the auditors")
    click.echo(f"SHA-256 of the public key: {made.name}")


@audit.command(
    short_help="Was this name or number reported?",
    epilog="Example: baosong audit person PY51-PYX-20200227-03 13912345678",
)
@click.argument("receipt")
@click.argument("person", metavar="NAME|PHONE")
@config_option
def person(receipt: str, person: str) -> None:
    """Ask the ledger whether a submission named a person or a phone number, without looking into the submission."""
    from ingest.evidence import names
    from storage import submissions

    with open_app() as app:
        with app.database.read() as tx:
            receipt = submissions.spelled(tx, receipt)
        try:
            found = names(app, receipt, person)
        except LookupError as error:
            raise NeedsAttention(
                f"no submission has the receipt {receipt}; of an erased one nothing can be told any more"
            ) from error
    if found is None:
        raise NeedsAttention(f"{receipt}: cannot be told: entered by an earlier version, or under another key")
    click.echo(f"{receipt}: {'yes, it named this' if found else 'no, it did not name this'}")
