"""`baosong form`: the blank form of a reporter as a workbook, or of all of them."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.common import config_option, notice_option, settings_if_any
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from domain.notice import Notice, Reporter

_STDOUT = "-"
_TOLD = 3
"""Most existing files that are named."""
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""What Windows takes in no file name."""


@click.command(
    name="form",
    epilog="Example: baosong form 濮阳县 濮阳县空白表.xlsx; or baosong form --all 空白表",
)
@click.argument("reporter", required=False)
@click.argument("out", required=False, metavar="OUT.xlsx", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--all",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Write the form of every reporter of the notice into FOLDER.",
)
@click.option("--force", is_flag=True, help="Write over files that exist.")
@notice_option
@config_option
def form(reporter: str | None, out: str | None, folder: Path | None, force: bool, notice_id: str | None) -> None:
    """Write the form of REPORTER (its code, or any of its names) to OUT.xlsx, `-` for standard output: title and unit filled
    in, prompts for what goes where, its first page ready to print, stamp and scan."""
    if folder is not None and reporter is not None:
        raise click.UsageError("give either REPORTER and OUT.xlsx, or --all FOLDER")
    if folder is None and (reporter is None or out is None):
        raise click.UsageError("give REPORTER and OUT.xlsx (- for standard output), or --all FOLDER")
    if out not in (None, _STDOUT) and Path(str(out)).suffix.lower() != ".xlsx":
        raise click.UsageError(f"{out}: the form is an Excel workbook; give a name that ends in .xlsx")
    notice = _notice(notice_id)
    if folder is not None:
        _write_all(notice, folder, force=force)
    elif reporter is not None and out is not None:
        _write_one(notice, _reporter(notice, reporter), out, force=force)


def _notice(notice_id: str | None) -> Notice:
    from config.notices import load_notice

    settings = settings_if_any(notice_id)
    return load_notice(settings.notices.active[0], settings.notice_directory)


def _reporter(notice: Notice, called: str) -> Reporter:
    from domain.identify import nearest_names, reporter_called

    found = reporter_called(called, notice)
    if found:
        return found
    if _means_all_schools(called, notice):
        raise click.UsageError(
            f"{called!r} is no one reporter but all schools run by the bureau; name one that {notice.id} lists under "
            "bureau_run (schools or schools_file). One of no list gets a form without a name in the answer to a question "
            "that it mails"
        )
    nearest = nearest_names(called, notice)
    told = f"nearest: {', '.join(nearest)}" if nearest else "`baosong form --all FOLDER` writes those it has"
    raise click.UsageError(f"{notice.id} has no reporter {called!r}; {told}")


def _means_all_schools(called: str, notice: Notice) -> bool:
    """The unit or the code under which schools of no list report."""
    run = notice.bureau_run
    return run is not None and called.strip().casefold() in (run.row_unit.casefold(), run.code.casefold())


def _write_one(notice: Notice, reporter: Reporter, out: str, *, force: bool) -> None:
    from notifier.blank_form import blank_form

    content = blank_form(notice, reporter)
    if out == _STDOUT:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    _refuse_existing([Path(out)], force=force)
    _write(Path(out), content)
    click.echo(f"wrote {out}: {reporter.name} ({reporter.code}), {notice.number}")


def _write_all(notice: Notice, folder: Path, *, force: bool) -> None:
    """One file a reporter; none is written where one would be overwritten."""
    from notifier.blank_form import blank_form

    if not notice.reporters:
        raise NeedsAttention(f"{notice.id} lists no reporters")
    files = {folder / _file_name(reporter): reporter for reporter in notice.reporters}
    _refuse_existing(list(files), force=force)
    folder.mkdir(parents=True, exist_ok=True)
    for file, reporter in files.items():
        _write(file, blank_form(notice, reporter))
    click.echo(f"wrote {len(files)} forms of {notice.number} to {folder}")


def _file_name(reporter: Reporter) -> str:
    """The code tells reporters apart whose names are alike."""
    return f"{reporter.code}-{_NOT_IN_NAMES.sub('', reporter.name)}.xlsx"


def _refuse_existing(files: list[Path], *, force: bool) -> None:
    standing = [file for file in files if file.exists()]
    if standing and not force:
        left = [f"{len(standing) - _TOLD} more files exist already"] if len(standing) > _TOLD else []
        raise NeedsAttention(
            *(f"{file} exists already and is left as it is (--force writes over it)" for file in standing[:_TOLD]),
            *left,
        )


def _write(file: Path, content: bytes) -> None:
    """The whole file or none of it: a full disk must not leave half a workbook under that name, nor take the old one."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise NeedsAttention(f"{file} cannot be written: {error.strerror}") from error
