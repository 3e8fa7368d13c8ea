"""The `baosong` command: finds the module of each command when it is called, so that `--help` starts at once."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from cli.errors import explained

_COMMANDS = {
    "demo": ("cli.demo", "Show the whole job on sample mails, on this machine alone."),
    "init": ("cli.setup", "Write a commented baosong.toml and a copy of the notice."),
    "doctor": ("cli.doctor", "Check configuration, mailbox, SMTP, database, archive, models; say what to mend."),
    "run": ("cli.worker", "The worker: poll, read, decide, answer (--once: one full pass)."),
    "worker": ("cli.worker", "One more machine that reads and decides (PostgreSQL)."),
    "web": ("cli.web", "The console: overview, notices, accounts; /healthz and /metrics."),
    "user": ("cli.user", "Accounts of the console."),
    "check": ("cli.check", "Read and check local files as if they had been mailed."),
    "submissions": ("cli.records", "List submissions."),
    "show": ("cli.records", "One submission: facts, rows, problems, cover, history."),
    "search": ("cli.search", "Full text over mails, files, rows, seals, print, problems."),
    "decide": ("cli.decide", "Record a decision of staff and answer the county."),
    "digest": ("cli.digest", "The staff's digest: show it, or send it now."),
    "remind": ("cli.remind", "Who has not reported; remind them."),
    "tasks": ("cli.tasks", "What a person has to do; note that it was done."),
    "senders": ("cli.senders", "Addresses that may write for a reporter."),
    "register": ("cli.register", "The ministry's list of filed apps: import, search."),
    "blacklist": ("cli.blacklist", "The bureau's blacklist of operators: add, lift, list, publish."),
    "rejudge": ("cli.rejudge", "Which standing decisions would differ today; changes nothing."),
    "export": ("cli.export", "The merged table of all accepted rows, as a workbook."),
    "form": ("cli.form", "Write the blank form of a reporter, ready to fill in and print."),
    "replay": ("cli.replay", "Feed saved mails through the pipeline."),
    "audit": ("cli.audit", "Recompute every hash of archive and ledger."),
    "backup": ("cli.backup", "Write one more checked copy of everything into a folder."),
    "restore": ("cli.backup", "Put such a copy back where nothing stands."),
    "retention": ("cli.retention", "What is kept how long; holds for audits; erasure by rule."),
    "notice": ("cli.notice", "Check a notice definition."),
    "db": ("cli.database", "Bring the database schema up to date; make the search index anew."),
}


class _LazyGroup(click.Group):
    """Knows its commands by name; imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 a wrong table above is our own fault
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list from the table alone: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.group(
    cls=_LazyGroup,
    epilog="Example: baosong demo --once",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration (default baosong.toml, or $BAOSONG_CONFIG). May also stand after the command.",
)
@click.version_option(package_name="baosong", prog_name="baosong")
@click.pass_context
def baosong(context: click.Context, config: Path | None) -> None:
    """Baosong 报送: the mailbox that reads county returns.

    Exit status: 0 done; 1 something needs attention (named on stderr); 2 wrong usage or configuration.
    """
    context.obj = {"config": config}


def _speak_utf8() -> None:
    """Answers are Chinese, whatever the locale of a service or an ssh session says; a broken file name is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Errors the operator can mend are one line on stderr, never a traceback."""
    _speak_utf8()
    with explained():
        baosong.main(args=arguments, standalone_mode=False)
    sys.exit(0)
