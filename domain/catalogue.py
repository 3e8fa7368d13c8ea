"""The problem catalogue: every stable code (spec section 5), and the one way to make a `Problem` from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from domain.catalogue_cover import COVER_ENTRIES
from domain.catalogue_entry import Entry
from domain.catalogue_mail import MAIL_ENTRIES
from domain.catalogue_reasons_cover import COVER_REASONS
from domain.catalogue_reasons_mail import MAIL_REASONS
from domain.catalogue_reasons_more import MORE_REASONS
from domain.catalogue_reasons_rows import ROW_REASONS
from domain.catalogue_reasons_sheet import SHEET_REASONS
from domain.catalogue_reasons_values import VALUE_REASONS
from domain.catalogue_rounds import ROUND_ENTRIES
from domain.catalogue_rows import ROW_ENTRIES
from domain.catalogue_set import SET_ENTRIES, with_document_words
from domain.catalogue_sheet import SHEET_ENTRIES
from domain.catalogue_values import VALUE_ENTRIES
from domain.own_rules import PREFIX, OwnRule
from domain.problems import Place, Problem, Severity

_REASONS = SHEET_REASONS | ROW_REASONS | VALUE_REASONS | COVER_REASONS | MAIL_REASONS | MORE_REASONS


def _explained(entry: Entry) -> Entry:
    reason = _REASONS.get(entry.code)
    return replace(entry, why=reason.why, right=reason.right, wrong=reason.wrong) if reason else entry


CATALOGUE: dict[str, Entry] = {
    entry.code: with_document_words(_explained(entry))
    for entry in (
        *SHEET_ENTRIES,
        *ROW_ENTRIES,
        *VALUE_ENTRIES,
        *ROUND_ENTRIES,
        *COVER_ENTRIES,
        *SET_ENTRIES,
        *MAIL_ENTRIES,
    )
}

GROUPS: dict[str, str] = {
    "sheet": "电子表文件",
    "header": "标题、填报单位、填报时间",
    "row": "表中各行",
    "table": "合计与附表",
    "round": "与上一期比较",
    "policy": "政策",
    "cover": "盖章扫描件",
    "timing": "时间",
    "mail": "邮件",
    "attachment": "附件",
}
"""What a code's first word is about, in the order in which lists of all rules tell it."""

SEVERITIES: dict[Severity, str] = {Severity.ERROR: "退回", Severity.REVIEW: "人工核对", Severity.WARNING: "提示"}
"""What a severity comes to, in a word."""

OWN_RULE = "通知的规则"
"""What a rule of a notice's own is called when the notice has it no more."""


def called(code: str, rules: Iterable[OwnRule] = ()) -> str:
    """What the problems of a code are called. `rules`: those of the notice's own."""
    if code.startswith(PREFIX):
        return next((rule.name for rule in rules if rule.code == code), OWN_RULE)
    return CATALOGUE[code].name if code in CATALOGUE else code


LISTED_AT_MOST = 50
"""A code that occurs oftener is listed this often; the last listed problem carries the total (spec section 5)."""


def problem(
    code: str, place: Place, *, severity: Severity | None = None, variant: str = "", **details: object
) -> Problem:
    """A problem of the catalogue at `place`.

    `variant` chooses other words of the same code. The templates see `details` and the fields of `place`; KeyError for
    an unknown code, variant or a detail that a template needs.
    """
    entry = CATALOGUE[code]
    words = entry.variants[variant] if variant else entry.words
    values: dict[str, object] = {
        "file": place.file or "",
        "sheet": place.sheet or "",
        "cell": place.cell or "",
        "field": place.field or "",
        "value": place.value or "",
        "page": place.page or "",
        **details,
    }
    return Problem(
        code=code,
        severity=severity or entry.severity,
        file=place.file,
        sheet=place.sheet,
        cell=place.cell,
        field=place.field,
        value=place.value,
        message=words.message.format_map(values),
        advice=words.advice.format_map(values),
    )


def variant_for(code: str, variant: str, *, document: bool) -> str:
    """The name of the words where the return is a stamped scan alone (`document`), as far as the code has other ones then."""
    name = f"document_{variant}" if variant else "document"
    return name if document and name in CATALOGUE[code].variants else variant


def capped(problems: Iterable[Problem], limit: int = LISTED_AT_MOST) -> tuple[Problem, ...]:
    """At most `limit` problems of one code and file, in their order; the last of a cut list carries its `total`."""
    found = list(problems)
    totals = Counter((problem.code, problem.file) for problem in found)
    listed: Counter[tuple[str, str | None]] = Counter()
    kept: list[Problem] = []
    for item in found:
        key = (item.code, item.file)
        listed[key] += 1
        if listed[key] < limit or listed[key] == limit == totals[key]:
            kept.append(item)
        elif listed[key] == limit:
            kept.append(replace(item, total=totals[key]))
    return tuple(kept)
