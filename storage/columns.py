"""What columns and tables say of a submission beside its document, so that queries find it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from domain.sheet import Row, Sheet
from domain.submission import Submission
from storage.schema_submissions import (
    submission_files,
    submission_mails,
    submission_message_ids,
    submission_problems,
    submission_rows,
    submission_senders,
)


def facts(submission: Submission, at: datetime) -> dict[str, Any]:
    """What the columns of `submissions` say of it beside its document."""
    names = (
        "receipt",
        "notice",
        "reporter",
        "state",
        "version",
        "received_at",
        "uid",
        "late",
        "grace_ends",
        "row_count",
        "row_version",
    )
    return {name: getattr(submission, name) for name in names} | {"decided_at": at}


def decided(submission: Submission, at: datetime) -> dict[str, Any]:
    """What the columns of `submission_history` say of a decision beside its document."""
    return {
        "receipt": submission.receipt,
        "row_version": submission.row_version,
        "at": at,
        "state": submission.state,
        "by": submission.decided_by,
        "reason": submission.reason,
        "codes": sorted({problem.code for problem in submission.problems}),
    }


def details(submission: Submission) -> Mapping[Table, Iterable[Mapping[str, Any]]]:
    """Rows of the tables that hold parts of the current state, to be gone through once; keys that a table does not have are left out
    of it."""
    addresses = {part.sender.address for part in (submission.sheet, submission.cover) if part} | {submission.sender}
    return {
        submission_rows: (
            {
                "sheet": row.sheet,
                "number": row.number,
                "hidden": row.hidden,
                "cells": dict(zip(row.cells, row.texts, strict=True)),
            }
            for row in rows_of(submission)
        ),
        submission_problems: [asdict(each) | {"position": place} for place, each in enumerate(submission.problems)],
        submission_files: [asdict(each) | {"position": place} for place, each in enumerate(submission.files)],
        submission_mails: [{"sha256": mail} for mail in dict.fromkeys(submission.mails)],
        submission_message_ids: [{"message_id": each} for each in dict.fromkeys(submission.message_ids)],
        submission_senders: [{"address": each} for each in sorted(addresses - {""})],
    }


def rows_of(submission: Submission) -> tuple[Row, ...]:
    """Those of its workbook."""
    sheet = submission.sheet.reading if submission.sheet else None
    return sheet.rows if isinstance(sheet, Sheet) else ()
