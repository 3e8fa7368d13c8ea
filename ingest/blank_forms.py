"""Blank forms of a notice, to be handed out: each reporter's own, and one for schools that are on no list."""

from __future__ import annotations

import re

from domain.notice import Notice
from notifier.blank_form import blank_form, blank_form_of_school

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""What Windows takes in no file name."""


def file_name(code: str, name: str) -> str:
    """The code tells reporters apart whose names are alike."""
    return f"{code}-{_NOT_IN_NAMES.sub('', name)}.xlsx"


def offered(notice: Notice) -> dict[str, str]:
    """Codes of the forms there are → whose each is; none where no workbook is asked for."""
    if not notice.sheet_required:
        return {}
    forms = {reporter.code: reporter.name for reporter in notice.reporters}
    run = notice.bureau_run
    return forms | {run.code: f"{run.row_unit}学校"} if run and not run.listed else forms


def of_code(notice: Notice, code: str) -> bytes:
    """The form as .xlsx. KeyError for a code that `offered` has not."""
    reporter = notice.reporter(code)
    if code not in offered(notice):
        raise KeyError(code)
    return blank_form(notice, reporter) if reporter else blank_form_of_school(notice)
