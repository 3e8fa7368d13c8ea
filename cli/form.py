"""`baosong form`: the blank form of a reporter as a workbook, of a school run by the bureau, or of all of them."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from cli.common import config_option, notice_option, settings_if_any
from cli.errors import NeedsAttention

if TYPE_CHECKING:
    from domain.notice import Notice, Reporter

_STDOUT = "-"
_TOLD = 3
"""Most existing files that are named."""


@click.command(
    name="form",
    epilog="Example: baosong form 甲县 甲县空白表.xlsx; baosong form 市直 空白表.xlsx --unit 甲市第九中学; or "
    "baosong form --all 空白表",
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
@click.option(
    "--unit",
    "school",
    metavar="NAME",
    help="With 市直 as REPORTER: the school to fill in; without it that is left blank.",
)
@click.option("--force", is_flag=True, help="Write over files that exist.")
@notice_option
@config_option
def form(
    reporter: str | None, out: str | None, folder: Path | None, school: str | None, force: bool, notice_id: str | None
) -> None:
    """Write the form of REPORTER (its code, or any of its names) to OUT.xlsx, `-` for standard output: title and unit filled
    in, prompts for what goes where, its first page ready to print, stamp and scan. 市直 stands for the schools run by the
    bureau that the notice does not list."""
    if folder is not None and reporter is not None:
        raise click.UsageError("give either REPORTER and OUT.xlsx, or --all FOLDER")
    if folder is None and (reporter is None or out is None):
        raise click.UsageError("give REPORTER and OUT.xlsx (- for standard output), or --all FOLDER")
    if out not in (None, _STDOUT) and Path(str(out)).suffix.lower() != ".xlsx":
        raise click.UsageError(f"{out}: the form is an Excel workbook; give a name that ends in .xlsx")
    notice = _notice(notice_id)
    if not notice.sheet_required:
        raise NeedsAttention(f"{notice.id} asks for a stamped scan and no workbook: it has no blank form")
    if folder is not None:
        if school is not None:
            raise click.UsageError("--unit goes with 市直 and OUT.xlsx, not with --all")
        _write_all(notice, folder, force=force)
    elif reporter is not None and out is not None:
        _write_one(notice, _blank(notice, reporter, school), out, force=force)


def _notice(notice_id: str | None) -> Notice:
    from config.notices import load_notices
    from domain.rounds import latest

    settings = settings_if_any(notice_id)
    if not settings.notices.active:
        raise NeedsAttention("notices.active is empty; say which with --notice (an id, or a file)")
    return latest(load_notices(settings.notices.active[0], settings.notice_directory), datetime.now(UTC))


@dataclass(frozen=True, kw_only=True)
class _Blank:
    """A form to write. `name` says whose, to whoever called for it."""

    name: str
    content: bytes


def _blank(notice: Notice, called: str, school: str | None) -> _Blank:
    from domain.identify import reporter_called

    found = reporter_called(called, notice)
    if _means_all_schools(called, notice) and not found:
        # What is on a list has a form of its own, whichever way it is called.
        found = reporter_called(school, notice) if school else None
        if found is None:
            return _of_schools(notice, _school_name(school))
    elif school is not None:
        raise click.UsageError(f"--unit goes with {_schools(notice) or '市直'}: {called} has a form of its own")
    return _of(notice, found or _nobody(notice, called))


def _school_name(given: str | None) -> str:
    name = " ".join((given or "").split())
    if given is not None and not name:
        raise click.UsageError("--unit: give the school's name as its seal says it")
    return name


def _of(notice: Notice, reporter: Reporter) -> _Blank:
    from notifier.blank_form import blank_form

    return _Blank(name=f"{reporter.name} ({reporter.code})", content=blank_form(notice, reporter))


def _of_schools(notice: Notice, school: str) -> _Blank:
    from notifier.blank_form import blank_form_of_school

    unit = _schools(notice)
    name = f"{school} ({unit})" if school else f"{unit}, the school's name left blank"
    return _Blank(name=name, content=blank_form_of_school(notice, school))


def _nobody(notice: Notice, called: str) -> NoReturn:
    from domain.identify import nearest_names

    nearest = nearest_names(called, notice)
    told = f"nearest: {', '.join(nearest)}" if nearest else "`baosong form --all FOLDER` writes those it has"
    unit = _schools(notice)
    hint = f"; a school run by the bureau: baosong form {unit} OUT.xlsx --unit NAME" if unit else ""
    raise click.UsageError(f"{notice.id} has no reporter {called!r}; {told}{hint}")


def _schools(notice: Notice) -> str:
    """The unit under which schools of no list report; "" where the notice has none such."""
    return notice.bureau_run.row_unit if notice.bureau_run else ""


def _means_all_schools(called: str, notice: Notice) -> bool:
    """The unit or the code under which schools of no list report."""
    run = notice.bureau_run
    return run is not None and called.strip().casefold() in (run.row_unit.casefold(), run.code.casefold())


def _write_one(notice: Notice, blank: _Blank, out: str, *, force: bool) -> None:
    if out == _STDOUT:
        sys.stdout.buffer.write(blank.content)
        sys.stdout.buffer.flush()
        return
    _refuse_existing([Path(out)], force=force)
    _write(Path(out), blank.content)
    click.echo(f"wrote {out}: {blank.name}, {_called(notice)}")


def _write_all(notice: Notice, folder: Path, *, force: bool) -> None:
    """One file a reporter, and one for schools of no list where there is none; none is written where one would be
    overwritten."""
    from ingest.blank_forms import file_name

    if not notice.reporters:
        raise NeedsAttention(f"{notice.id} lists no reporters")
    files = {folder / file_name(each.code, each.name): partial(_of, notice, each) for each in notice.reporters}
    run = notice.bureau_run
    if run and not run.listed:
        files[folder / file_name(run.code, run.row_unit)] = partial(_of_schools, notice, "")
    _refuse_existing(list(files), force=force)
    folder.mkdir(parents=True, exist_ok=True)
    for file, make in files.items():
        _write(file, make().content)
    click.echo(f"wrote {len(files)} forms of {_called(notice)} to {folder}")


def _called(notice: Notice) -> str:
    return f"{notice.number} {notice.round.name}" if notice.round else notice.number


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
