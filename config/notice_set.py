"""What a return consists of beside a workbook: faults of these keys of a notice file, and the rules they make."""

from __future__ import annotations

from collections.abc import Iterator

from config.notice_schema import NoticeModel
from config.notice_yaml import Fault
from domain.notice import AttachmentRule, CoverRule, FileKind, SealOn

_CELLS = ("nil_words", "nil_column", "duplicate_key")
"""Keys of a form that speak of its rows."""


def set_faults(model: NoticeModel) -> Iterator[Fault]:
    """What contradicts itself between `sheet_required`, `cover_required`, `cover`, `attachments` and the form."""
    yield from _sheet_faults(model)
    cover = model.cover
    if cover and not model.cover_required:
        yield Fault(path=("cover",), message="写了 cover，cover_required 就不能是 false")
    if cover and cover.max_pages is not None and cover.max_pages < cover.min_pages:
        yield Fault(path=("cover", "max_pages"), message="不能少于 min_pages")
    if cover and cover.seal_on and model.sheet_required:
        message = "只用于不要电子表的通知（sheet_required: false）；有电子表的，公章总要盖在表上"
        yield Fault(path=("cover", "seal_on"), message=message)
    seen: set[str] = set()
    for index, each in enumerate(model.attachments):
        if each.key in seen:
            yield Fault(path=("attachments", index, "key"), message=f"“{each.key}”写了两次")
        seen.add(each.key)


def _sheet_faults(model: NoticeModel) -> Iterator[Fault]:
    form = model.form
    if model.sheet_required:
        if not form.columns:
            message = "至少要有一项；不要电子表、只要扫描件的通知，请写 sheet_required: false"
            yield Fault(path=("form", "columns"), message=message)
        return
    if form.columns:
        yield Fault(path=("form", "columns"), message="sheet_required 是 false 时没有表格，应写 columns: []")
    if not model.cover_required:
        yield Fault(path=("cover_required",), message="电子表和扫描件不能都不要")
    for key in _CELLS:
        if getattr(form, key):
            yield Fault(path=("form", key), message="sheet_required 是 false 时没有表格，这一项不用写")


def cover_rule_of(model: NoticeModel) -> CoverRule:
    cover = model.cover
    if cover is None:
        return CoverRule()
    return CoverRule(min_pages=cover.min_pages, max_pages=cover.max_pages, seal_on=SealOn(cover.seal_on or "any"))


def attachments_of(model: NoticeModel) -> tuple[AttachmentRule, ...]:
    return tuple(
        AttachmentRule(
            key=each.key,
            name=each.name,
            kinds=tuple(map(FileKind, each.kinds)),
            words=tuple(each.words),
            required=each.required,
        )
        for each in model.attachments
    )
