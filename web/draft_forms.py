"""The page on which a notice is filled in: a draft as fields, and what is sent of them as a draft again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from domain.column_answers import answer_column
from domain.column_details import HINTS, detail, with_detail
from domain.draft import Draft, DraftColumn, Question, WrongAnswer
from domain.draft_answers import answer, rank
from domain.drafting import Known, questions

NEW_ROWS = 3
"""Empty rows in which columns are added."""
_FIXED = ("id", "short")
"""What cannot be changed any more once a notice was published."""
_LONGEST = 20_000


@dataclass(frozen=True, kw_only=True)
class Row:
    """A column on the page. `field`: how its fields begin; `fault`: what is wrong with what was sent."""

    field: str
    name: str
    type: str
    required: str
    detail: str
    hint: str
    why: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Questions that belong together."""

    name: str
    questions: tuple[Question, ...]


@dataclass(kw_only=True)
class Taken:
    """What was sent, as far as it could be taken, with what is wrong by the name of its field."""

    draft: Draft
    faults: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    """What stood in the fields that are wrong."""

    def take(self, name: str, typed: str, make: Callable[..., Draft], *of: Any) -> None:
        """`make` of the draft and these: the new draft, or what is wrong with that field."""
        try:
            self.draft = make(self.draft, *of)
        except WrongAnswer as wrong:
            self.faults[name], self.typed[name] = str(wrong), typed


def sections(draft: Draft, known: Known, *, published: bool) -> tuple[Section, ...]:
    """All questions but those about columns; of one that was published not those whose answers are fixed."""
    asked = [each for each in questions(draft, known) if not (published and each.key in _FIXED)]
    names = dict.fromkeys(each.about for each in asked)
    return tuple(Section(name=name, questions=tuple(each for each in asked if each.about == name)) for name in names)


def rows(taken: Taken) -> tuple[Row, ...]:
    """The columns of the draft, and empty ones behind them."""
    faults, typed = taken.faults, taken.typed
    made = [_row(f"c{number}", column, faults) for number, column in enumerate(taken.draft.columns)]
    made = [replace(each, detail=typed.get(f"{each.field}.detail", each.detail)) for each in made]
    empty = Row(field="", name="", type="text", required="yes", detail="", hint="")
    for name in (f"n{number}" for number in range(NEW_ROWS)):
        made.append(replace(empty, field=name, name=typed.get(f"{name}.name", ""), fault=_fault(name, faults)))
    return tuple(made)


def _row(name: str, column: DraftColumn, faults: Mapping[str, str]) -> Row:
    required = "left_out" if not column.kept else "yes" if column.required else "no"
    return Row(
        field=name, name=column.name, type=column.type, required=required, detail=detail(column),
        hint=HINTS.get(column.type, ""), why=column.why, fault=_fault(name, faults),
    )  # fmt: skip


def _fault(name: str, faults: Mapping[str, str]) -> str:
    return " ".join(text for key, text in faults.items() if key.partition(".")[0] == name)


def taken(
    draft: Draft, sent: Callable[[str], str], known: Known, pasted: str = "", *, published: bool = False
) -> Taken:
    """The draft with all that was sent. `sent`: a field by its name, "" where there is none such; `pasted`: rows of a file of
    reporters, in the place of those in the field."""
    made = Taken(draft=draft)
    for number, column in enumerate(draft.columns):
        _take_column(made, f"c{number}", column.key, sent)
    for number in range(NEW_ROWS):
        if name := sent(f"n{number}.name").strip():
            count = len(made.draft.columns)
            made.take(f"n{number}.name", name, _with_new, name[:100])
            if len(made.draft.columns) > count:
                _take_column(made, f"n{number}", made.draft.columns[-1].key, sent)
    asked = {each.key: each.proposal for one in sections(draft, known, published=published) for each in one.questions}
    answers = {key: sent(f"q.{key}")[:_LONGEST].replace("\r\n", "\n").strip() for key in asked}
    if pasted:
        answers["reporters"] = pasted
    elif answers.get("reporters") == asked.get("reporters") and draft.reporters:
        del answers["reporters"]  # aliases and the like, which the field does not show, stay
    if published:  # what was not changed stays as it is, with what no field shows of it
        answers = {key: text for key, text in answers.items() if text != asked[key].strip()}
    for key in sorted(answers, key=rank):
        made.take(f"q.{key}", answers[key], answer, key, answers[key], known)
    if not made.draft.asked and made.draft.rest.get("sheet_required") is not False:
        made.faults["columns"] = "至少要收一列。"
    return made


def _with_new(draft: Draft, name: str) -> Draft:
    if draft.column(name):
        raise WrongAnswer(f"已经有“{name}”这一列了。")
    taken_keys = {each.key for each in draft.columns}
    key = next(f"x{number}" for number in range(1, 1000) if f"x{number}" not in taken_keys)
    return replace(draft, columns=(*draft.columns, DraftColumn(key=key, name=name)))


def _take_column(made: Taken, field: str, key: str, sent: Callable[[str], str]) -> None:
    """Name, type and whether it must be filled in; then what it may hold, which goes by the type."""
    for what in ("name", "type", "required"):
        if text := sent(f"{field}.{what}").strip():
            made.take(f"{field}.{what}", text, _changed, key, what, text[:100])
    text = sent(f"{field}.detail")[:_LONGEST]
    made.take(f"{field}.detail", text, with_detail, key, text)
    column = made.draft.column(key)
    lacking = _LACKING.get(column.type) if column and column.kept else None
    if column and lacking and not column.more.get(lacking[0]):
        made.faults.setdefault(f"{field}.detail", lacking[1])


_LACKING = {
    "choice": ("choices", "请写有哪些选项，用、隔开，如：小学、初中、高中。"),
    "pattern": ("example", "请举一个正确的例子，程序按它的样子检查。"),
    "code": ("list", "代码表请在“改文字”里写。"),
}


def _changed(draft: Draft, key: str, what: str, text: str) -> Draft:
    """A column that says the same stays as it is: an answer of its type would take away what the page does not show."""
    column = draft.column(key)
    standing = {} if column is None else {"name": column.name, "type": column.type}
    if standing.get(what) == text:
        return draft
    if what == "name" and draft.column(text):
        raise WrongAnswer(f"已经有“{text}”这一列了。")
    return answer_column(draft, f"columns.{key}.{what}", text)
