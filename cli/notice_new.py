"""`baosong notice new`: from a bureau's blank form to a notice. What it asks and says is Chinese: staff of the bureau use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from cli.asking import ask, say, table
from cli.errors import NeedsAttention
from cli.notice_result import finish
from domain.draft import Draft, Question, WrongAnswer
from domain.draft_answers import answer, answered, flattened, rank
from domain.draft_columns import REQUIRED, column_questions, summary
from domain.drafting import Known, questions

if TYPE_CHECKING:
    from domain.blank_form import BlankForm
    from ingest.app import App

_COLUMNS = "columns"
_REPORTERS_FILE = "reporters_file"
_LISTS = (".xlsx", ".xls", ".csv", ".et", ".ods")


@dataclass
class Sitting:
    """One sitting of questions: the draft so far, and every answer that made it, to be kept where it is broken off."""

    draft: Draft
    known: Known
    kept: Path
    answers: dict[str, str] = field(default_factory=dict)

    def take(self, key: str, text: str) -> None:
        """Raises WrongAnswer; else the answer is kept on the disk at once."""
        self.draft = answer(self.draft, key, text, self.known)
        self.answers.pop(key, None)
        self.answers[key] = text
        self._keep()

    def _keep(self) -> None:
        from config.yaml_writing import comment, entry

        lines = [*comment("没有答完的通知，再运行 baosong notice new 时接着用。")]
        lines += [line for key, text in self.answers.items() for line in entry(key, text)]
        self.kept.parent.mkdir(parents=True, exist_ok=True)
        self.kept.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def done(self) -> None:
        self.kept.unlink(missing_ok=True)


def new_notice(form: Path, out: Path | None, answers_file: Path | None) -> None:
    """The whole command."""
    from cli.common import settings_if_any
    from ingest.app import build

    settings = settings_if_any(None)
    folder = out or settings.notice_directory or Path()
    with build(settings, apart=True) as app:
        read = _read(app, form)
        sitting = Sitting(draft=_proposed(read), known=_known(app, folder), kept=folder / f".{form.stem}.未答完.yaml")
        if answers_file:
            _answer_all(sitting, app, answers_file)
        else:
            _tell(read)
            _ask_all(sitting, app)
        finish(app, sitting.draft, folder)
        sitting.done()


def _read(app: App, form: Path) -> BlankForm:
    from domain.blank_form import BlankFailure
    from ingest.drafting import read_form

    if form.stat().st_size > app.limits.file_bytes:
        raise NeedsAttention(f"{form}：文件太大。请只留下空白表那一张再试。")
    read = read_form(app.sandbox, form.read_bytes(), form.name)
    if isinstance(read, BlankFailure):
        raise NeedsAttention(f"{form}：{read.told}")
    return read


def _proposed(read: BlankForm) -> Draft:
    from domain.proposals import proposed

    return proposed(read)


def _known(app: App, folder: Path) -> Known:
    """What need not be asked: today, the mailbox that is read, and what is taken by other notices."""
    from config.notices import SHIPPED, NoticeError, load_notice
    from ingest.initials import initials

    settings = app.settings
    taken: set[str] = set()
    files = [*SHIPPED.glob("*.yaml"), *folder.glob("*.yaml")]
    for file in [*files, *(settings.notice_directory.glob("*.yaml") if settings.notice_directory else ())]:
        taken.add(file.stem)
        try:
            taken.add(load_notice(file).short)
        except NoticeError:
            continue  # a faulty file of another notice is told by `notice check`
    user = settings.mailboxes and next(iter(settings.mailboxes.values())).url.partition("://")[2].rpartition("@")[0]
    today = app.clock().astimezone(ZoneInfo(Draft().timezone)).date()
    mailbox = (user or "").replace("%40", "@")
    return Known(today=today, initials=initials, mailbox=mailbox if "@" in mailbox else "", taken=frozenset(taken))


def _tell(read: BlankForm) -> None:
    """What was found in the form."""
    main = read.main
    title = main.title.replace("{unit}", "（单位）").replace("{round}", f"（{main.period}）")
    say(f"读到表：{title or '（没有标题）'}", bold=True)
    say(f"工作表“{main.sheet}”，{len(main.columns)}列，说明{len(main.notes)}条。", indent=2)
    for other in read.further:
        say(f"另有工作表“{other.sheet}”：{'、'.join(each.name for each in other.columns)}", indent=2)
    for text in read.unclear:
        say(f"没看懂：{text}", indent=2, fg="yellow")
    say("下面逐项问，直接回车就用建议的答案。按 Ctrl-C 可以随时停下，答过的都留着。")


def _ask_all(sitting: Sitting, app: App) -> None:
    try:
        _take_up(sitting)
        while (question := _next(sitting)) is not None:
            if question.about == "规则" and _COLUMNS not in sitting.answers:
                _ask_columns(sitting)
                continue
            if question.key == "reporters":
                question = replace(question, help=f"{question.help}；名单在Excel或CSV文件里的，写文件名")
                ask(question, partial(_take_reporters, sitting, app), at=f"【{question.about}】")
                continue
            ask(question, partial(sitting.take, question.key), at=f"【{question.about}】")
    except click.Abort:
        click.echo()
        say(f"停下了。答过的{len(sitting.answers)}项留在 {sitting.kept}，再运行同样的命令就接着问。")
        raise


def _next(sitting: Sitting) -> Question | None:
    return next((each for each in questions(sitting.draft, sitting.known) if each.key not in sitting.answers), None)


def _take_up(sitting: Sitting) -> None:
    """Offers the answers of a sitting that was broken off."""
    if not sitting.kept.is_file():
        return
    kept = _answers(sitting.kept)
    offer = Question(key="", text=f"上次答到一半，有{len(kept)}项答案。接着用吗", kind="yes_no", proposal="是")
    verdict = ask(offer, _yes_or_no)
    if verdict == "否":
        return
    for key, text in sorted(kept.items(), key=lambda pair: rank(pair[0])):
        try:
            if key == _COLUMNS:
                sitting.answers[_COLUMNS] = text
            else:
                sitting.take(key, str(text))
        except WrongAnswer as wrong:
            say(f"上次的“{key}”用不上了：{wrong}", indent=2, fg="yellow")


def _yes_or_no(text: str) -> None:
    if text not in ("是", "否"):
        raise WrongAnswer("请填“是”或“否”。")


def _ask_columns(sitting: Sitting) -> None:
    """Shows all columns with what is proposed, and asks about those that somebody wants to change."""
    while True:
        click.echo()
        say("【各列】程序认为各列是这样填的：", bold=True)
        rows = [("号", "列", "填什么", "必填")]
        for number, column in enumerate(sitting.draft.columns, 1):
            state = REQUIRED["left_out" if not column.kept else "yes" if column.required else "no"]
            rows.append((str(number), column.name, summary(column) if column.kept else "", state))
        table(rows, (3, 28, 30, 12))
        most = len(sitting.draft.columns)
        offer = Question(key="", text="要改哪几列？填列号，用空格隔开；都对就直接回车")
        numbers = _numbers(ask(offer, partial(_numbers, most=most)), most)
        if not numbers:
            sitting.answers[_COLUMNS] = "看过了"
            return
        for number in numbers:
            _ask_column(sitting, sitting.draft.columns[number - 1].key)


def _take_reporters(sitting: Sitting, app: App, text: str) -> None:
    """A list as it was pasted, or the name of a file that holds one. Raises WrongAnswer."""
    file = Path(text.strip().strip("\"'"))
    if "\n" not in text.strip() and file.suffix.lower() in _LISTS:
        if not file.is_file():
            raise WrongAnswer(f"没有“{file}”这个文件。")
        text = _rows_as_text(app, file)
    sitting.take("reporters", text)


def _numbers(text: str, most: int) -> list[int]:
    words = text.replace("，", " ").replace(",", " ").replace("、", " ").split()
    if not all(word.isascii() and word.isdigit() and 0 < int(word) <= most for word in words):
        raise WrongAnswer(f"请填1到{most}的列号，用空格隔开，如 3 5。")
    return [int(word) for word in words]


def _ask_column(sitting: Sitting, key: str) -> None:
    asked: set[str] = set()
    while True:
        column = sitting.draft.column(key)
        question = next((each for each in column_questions(column) if each.key not in asked), None) if column else None
        if question is None:
            return
        asked.add(question.key)
        ask(question, partial(sitting.take, question.key))


def _answers(file: Path) -> dict[str, Any]:
    """What an answers file says, key → answer; TOML by its name, else YAML. Raises NeedsAttention."""
    import tomllib

    from config.notice_yaml import read_yaml

    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix.lower() == ".toml":
            return tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NeedsAttention(f"{file}：答案文件写法有误：{error}") from error
    document = read_yaml(text)
    if document.faults or not isinstance(document.data, Mapping):
        told = [f"{file}：第{fault.line}行 {fault.message}" for fault in document.faults]
        raise NeedsAttention(*(told or [f"{file}：应为一组“键: 值”"]))
    return {str(key): value for key, value in document.data.items()}


def _answer_all(sitting: Sitting, app: App, file: Path) -> None:
    """All from the file; what it does not say is as proposed. Raises NeedsAttention with every answer that cannot be taken."""
    given = _answers(file)
    if _REPORTERS_FILE in given:
        listed = file.parent / str(given.pop(_REPORTERS_FILE))
        try:
            given["reporters"] = _rows_as_text(app, listed)
        except WrongAnswer as wrong:
            raise NeedsAttention(f"{listed}：{wrong}") from wrong
    keys = dict(flattened(given))
    try:
        sitting.draft = answered(sitting.draft, given, sitting.known)
    except WrongAnswer as wrong:
        raise NeedsAttention(f"{file}：{wrong}") from wrong
    left = list(_left(sitting, set(keys)))
    if left:
        raise NeedsAttention(*(f"{file}：还缺“{question.key}”（{question.text}）：{wrong}" for question, wrong in left))


def _left(sitting: Sitting, done: set[str]) -> Iterator[tuple[Question, str]]:
    """Takes the proposals of what was not answered; yields those without one."""
    while question := next((each for each in questions(sitting.draft, sitting.known) if each.key not in done), None):
        done.add(question.key)
        try:
            sitting.draft = answer(sitting.draft, question.key, question.proposal, sitting.known)
        except WrongAnswer as wrong:
            yield question, str(wrong)


def _rows_as_text(app: App, file: Path) -> str:
    from ingest.drafting import read_rows

    if not file.is_file():
        raise NeedsAttention(f"{file}：没有这个文件")
    rows = read_rows(app.sandbox, file.read_bytes(), file.name)
    return "\n".join("\t".join(row) for row in rows)
