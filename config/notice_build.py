"""Turns a well-formed notice file into the `Notice` the rest works with, and finds what contradicts itself in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.notice_schema import (
    ColumnModel,
    FilingNumberModel,
    FormModel,
    HeaderFieldModel,
    NamingModel,
    NoticeModel,
    SchoolModel,
)
from config.notice_set import attachments_of, cover_rule_of, set_faults
from config.notice_yaml import Fault, KeyPath
from config.reporter_schema import ReporterModel
from config.rule_build import Lists, allowed_of, own_rules, rule_codes, rule_faults, tables_of, totals_of
from domain.addresses import canonical
from domain.notice import (
    BlacklistRule,
    BureauRun,
    Column,
    FilingNumbers,
    Form,
    HeaderField,
    Notice,
    RemindAt,
    Reporter,
    RestrictedApp,
    Rule,
    SenderPolicy,
    Wording,
)
from domain.problems import Severity
from domain.text import normalise

LAST_SECOND = time(23, 59, 59)
_OF_SENDERS = ("mail.unknown_sender", "mail.sender_unverified")


def contradictions(
    model: NoticeModel, schools: list[SchoolModel], known_codes: Iterable[str], lists: Lists
) -> Iterator[Fault]:
    """What the shape cannot tell: references to nothing, names used twice, an end before the beginning."""
    yield from _time_faults(model)
    yield from _reporter_faults(model, schools)
    yield from _form_faults(model.form)
    yield from set_faults(model)
    if model.filing_number:
        yield from _filing_faults(model.filing_number)
    yield from rule_faults(model, lists)
    known = {*known_codes, *rule_codes(model)}
    for index, rule in enumerate(model.rules):
        if rule.code not in known:
            yield Fault(path=("rules", index, "code"), message=f"没有“{rule.code}”这个问题代码")
        if model.senders.policy != "open" and rule.code in _OF_SENDERS and rule.severity in ("off", "warning"):
            message = (
                f"senders.policy 是 {model.senders.policy}，未核实的发件人要人工核对，这里不能改成 {rule.severity}"
            )
            yield Fault(path=("rules", index, "severity"), message=message)


def _time_faults(model: NoticeModel) -> Iterator[Fault]:
    try:
        zone = ZoneInfo(model.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(path=("timezone",), message=f"没有“{model.timezone}”这个时区，应写如 Asia/Shanghai")
        return
    if model.rounds:
        return
    for key, value in (("opens", model.opens), ("deadline", model.deadline)):
        if value is None:
            yield Fault(path=(key,), message="缺这一项")
    if model.opens and model.deadline and closes_at(model.deadline, zone) < opens_at(model.opens, zone):
        yield Fault(path=("deadline",), message="截止时间早于开始时间")


def _reporter_faults(model: NoticeModel, schools: list[SchoolModel]) -> Iterator[Fault]:
    codes: dict[str, str] = {"XX": "未知单位"}
    if model.bureau_run:
        codes[model.bureau_run.code] = model.bureau_run.row_unit
    owners: dict[str, str] = {}
    entries: list[tuple[KeyPath, Reporter]] = []
    for index, entry in enumerate(model.reporters):
        path: KeyPath = ("reporters", index)
        if entry.kind not in model.naming.kinds:
            yield Fault(path=(*path, "kind"), message=f"naming.kinds 里没有“{entry.kind}”")
        else:
            entries.append((path, reporter_of(entry, model)))
    row_unit = model.bureau_run.row_unit if model.bureau_run else ""
    for index, school in enumerate(schools):
        entries.append((("bureau_run", "schools", index), school_of(school, model.naming, row_unit)))
    for path, reporter in entries:
        if reporter.code in codes:
            message = f"代码“{reporter.code}”已经给了{codes[reporter.code]}"
            yield Fault(path=(*path, "code"), message=message)
        codes[reporter.code] = reporter.name
        for name in reporter.names:
            owner = owners.setdefault(normalise(name), reporter.code)
            if owner != reporter.code:
                yield Fault(path=(*path, "name"), message=f"“{name}”也是{codes[owner]}的写法，分不清是谁")


def _form_faults(form: FormModel) -> Iterator[Fault]:
    keys = [column.key for column in form.columns]
    yield from _label_faults("columns", form.columns)
    yield from _label_faults("header", form.header)
    for index, column in enumerate(form.columns):
        for key in column.required_if or ():
            if key not in keys:
                yield Fault(path=("form", "columns", index, "required_if"), message=f"没有“{key}”这一列")
    if form.nil_column and form.nil_column not in keys:
        yield Fault(path=("form", "nil_column"), message=f"没有“{form.nil_column}”这一列")
    if form.nil_words and not form.nil_column:
        yield Fault(path=("form", "nil_words"), message="写了 nil_words，还要写 nil_column")
    for index, key in enumerate(form.duplicate_key):
        if key not in keys:
            yield Fault(path=("form", "duplicate_key", index), message=f"没有“{key}”这一列")
    if "{unit}" not in form.title:
        yield Fault(path=("form", "title"), message="标题里要有 {unit}，表示单位名的位置")
    if "unit" not in re.compile(form.title_pattern).groupindex:
        yield Fault(path=("form", "title_pattern"), message="要有名为 unit 的组：(?P<unit>…)")


def _label_faults(where: str, entries: Iterable[ColumnModel | HeaderFieldModel]) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if entry.key in seen:
            yield Fault(path=("form", where, index, "key"), message=f"“{entry.key}”写了两次")
        seen.add(entry.key)
        for label in (entry.name, *entry.aliases):
            owner = owners.setdefault(normalise(label).casefold(), entry.key)
            if owner != entry.key:
                yield Fault(path=("form", where, index), message=f"“{label}”也是“{owner}”的写法，分不清是哪一个")


def _filing_faults(filing: FilingNumberModel) -> Iterator[Fault]:
    if not re.fullmatch(filing_pattern(filing), filing.hint):
        yield Fault(path=("filing_number", "hint"), message="这个例子不符合上面的格式")
    for index, province in enumerate(filing.provinces):
        if not re.fullmatch(r"\d{2}", province):
            yield Fault(path=("filing_number", "provinces", index), message="应为两位数字，加英文引号")


def build(model: NoticeModel, schools: list[SchoolModel], lists: Lists) -> Notice:
    """The notice as the rest of the house sees it. `schools`: the bureau-run ones, from the file or its CSV."""
    if model.opens is None or model.deadline is None:
        raise ValueError("a notice with rounds is built round by round")
    zone = ZoneInfo(model.timezone)
    row_unit = model.bureau_run.row_unit if model.bureau_run else ""
    reporters = [reporter_of(entry, model) for entry in model.reporters]
    reporters += [school_of(school, model.naming, row_unit) for school in schools]
    return Notice(
        id=model.id,
        short=model.short,
        number=model.number,
        title=model.title,
        mailbox=model.mailbox.lower(),
        timezone=model.timezone,
        opens=opens_at(model.opens, zone),
        deadline=closes_at(model.deadline, zone),
        grace=timedelta(hours=model.grace_hours),
        area_code=model.area_code,
        form=_form(model, lists),
        reporters=tuple(reporters),
        bureau_run=_bureau_run(model, schools),
        special_seal_words=tuple(model.special_seal_words),
        filing=_filing(model.filing_number),
        restricted=tuple(
            RestrictedApp(name=app.name, names=tuple(app.names), reminder=app.reminder) for app in model.restricted_apps
        ),
        unfiled_is_breach=model.unfiled_is_breach,
        rules=tuple(_rules(model)),
        wording=Wording(**model.wording.model_dump()),
        cover_required=model.cover_required,
        sender_policy=SenderPolicy(model.senders.policy),
        reminders=tuple(
            RemindAt(days_before=one.days_before, at=one.at)
            for one in sorted(model.reminders, key=lambda one: (-one.days_before, one.at))
        ),
        blacklist=BlacklistRule(**model.blacklist.model_dump()) if model.blacklist else BlacklistRule(),
        retention_years=model.retention.years if model.retention else None,
        own_rules=own_rules(model),
        sheet_required=model.sheet_required,
        cover_rule=cover_rule_of(model),
        attachments=attachments_of(model),
    )


def opens_at(value: date | datetime, zone: ZoneInfo) -> datetime:
    return _moment(value, time.min, zone)


def closes_at(value: date | datetime, zone: ZoneInfo) -> datetime:
    return _moment(value, LAST_SECOND, zone)


def _moment(value: date | datetime, at: time, zone: ZoneInfo) -> datetime:
    """A bare day counts from its first, or to its last, second; a moment without offset is in the notice's zone."""
    if not isinstance(value, datetime):
        return datetime.combine(value, at, tzinfo=zone)
    return value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)


def reporter_of(entry: ReporterModel, model: NoticeModel) -> Reporter:
    """Expands the names of a reporting unit: prefix optional, every suffix of its kind. A seal always has a suffix."""
    bases = _with_and_without(model.naming.prefix, (entry.name, *entry.aliases))
    suffixes = model.naming.kinds[entry.kind].suffixes
    full = [base + suffix for base in bases for suffix in suffixes]
    row_units = _unique((*bases, *full))
    if entry.allow_bureau_rows and model.bureau_run:
        row_units = (*row_units, model.bureau_run.row_unit)
    return Reporter(
        code=entry.code,
        name=entry.name,
        names=_unique((*bases, *full)),
        seal_names=_unique((*full, *_with_and_without(model.naming.prefix, entry.seal_aliases))),
        addresses=tuple(canonical(address) for address in entry.addresses),
        row_units=row_units,
        phone=entry.phone,
    )


def school_of(school: SchoolModel, naming: NamingModel, row_unit: str) -> Reporter:
    """A bureau-run school: its seal carries its name, its rows say that the bureau runs it."""
    names = _unique(_with_and_without(naming.prefix, (school.name, *school.aliases)))
    return Reporter(
        code=school.code,
        name=school.name,
        names=names,
        seal_names=names,
        addresses=tuple(canonical(address) for address in school.addresses),
        row_units=(row_unit,),
        bureau_run=True,
        phone=school.phone,
    )


def _with_and_without(prefix: str, names: Iterable[str]) -> list[str]:
    """Each name as written first, then with the prefix taken off or put on."""
    found: list[str] = []
    for name in names:
        bare = name.removeprefix(prefix) if prefix else name
        found += [name, bare or name, prefix + bare]
    return found


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _bureau_run(model: NoticeModel, schools: list[SchoolModel]) -> BureauRun | None:
    if not model.bureau_run:
        return None
    return BureauRun(row_unit=model.bureau_run.row_unit, code=model.bureau_run.code, listed=bool(schools))


def _form(model: NoticeModel, lists: Lists) -> Form:
    form, column = model.form, partial(_column, lists=lists)
    return Form(
        title_template=form.title,
        title_pattern=form.title_pattern,
        header=tuple(
            HeaderField(
                key=field.key,
                name=field.name,
                aliases=tuple(field.aliases),
                type=field.type,
                required=field.required,
                allowed=allowed_of(field, lists),
            )
            for field in form.header
        ),
        columns=tuple(map(column, form.columns)),
        notes=tuple(form.notes),
        nil_words=tuple(form.nil_words),
        placeholder_patterns=tuple(form.placeholder_patterns),
        nil_column=form.nil_column,
        duplicate_key=tuple(form.duplicate_key),
        totals=totals_of(model),
        tables=tuple(tables_of(model, column)),
    )


def _column(column: ColumnModel, lists: Lists) -> Column:
    return Column(
        key=column.key,
        name=column.name,
        aliases=tuple(column.aliases),
        type=column.type,
        required=column.required,
        required_if=next(iter(column.required_if.items())) if column.required_if else None,
        yes_words=tuple(column.yes_words),
        no_words=tuple(column.no_words),
        samples=tuple(column.samples),
        person=column.person,
        width=column.width,
        allowed=allowed_of(column, lists),
    )


def filing_pattern(filing: FilingNumberModel) -> str:
    """The exact form of a filing number as a regular expression."""
    rest = filing.digits - 2
    provinces = "|".join(re.escape(province) for province in filing.provinces)
    return f"{re.escape(filing.prefix)}(?:{provinces})[0-9]{{{rest}}}{re.escape(filing.suffix)}"


def _filing(filing: FilingNumberModel | None) -> FilingNumbers | None:
    if filing is None:
        return None
    return FilingNumbers(
        pattern=filing_pattern(filing),
        prefix=filing.prefix,
        suffix=filing.suffix,
        digits=filing.digits,
        tolerated_digits=tuple(filing.tolerated_digits),
        provinces=tuple(filing.provinces),
        hint=filing.hint,
    )


def _rules(model: NoticeModel) -> Iterator[Rule]:
    for rule in model.rules:
        severity = None if rule.severity == "off" else Severity(rule.severity)
        yield Rule(code=rule.code, severity=severity, since=rule.since)
