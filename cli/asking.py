"""Asks in the terminal, in Chinese, for people who know the work and not the program: 80 columns, Enter takes what is proposed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

import click

from cli.common import printable
from domain.draft import Question, WrongAnswer

WIDTH = 78
_CLEARED = "无"
_PIECE = re.compile(r"[（《“「【]*(?:[!-~]+|.)[，。；：、！？）》”」】]*")
"""What stays on one line: a word of ASCII or one character, with the signs that cling to it."""


def width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text: str, columns: int) -> str:
    """The text in that many columns, cut where it is longer."""
    cut = text
    while width(cut) > columns:
        cut = cut[:-1]
    if cut != text:
        while width(cut) > columns - 2:
            cut = cut[:-1]
        cut += "…" if width(cut + "…") <= columns else ""
    return cut + " " * (columns - width(cut))


def wrapped(text: str, *, indent: int = 0, columns: int = WIDTH) -> Iterator[str]:
    """Lines no wider than the terminal. Chinese may be broken anywhere, but no line begins with a closing sign or ends with an
    opening one, and no word or file name is broken that fits a line."""
    for line in text.splitlines() or [""]:
        held, used = "", indent
        for piece in _PIECE.findall(line):
            wide = width(piece)
            if used + wide > columns and held:
                yield " " * indent + held
                held, used = "", indent
            held, used = held + piece, used + wide
        yield " " * indent + held


def say(text: str = "", *, indent: int = 0, **style: object) -> None:
    for line in wrapped(printable(text), indent=indent):
        click.secho(line, **style)  # type: ignore[arg-type]


def table(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> None:
    for row in rows:
        click.echo(" ".join(padded(printable(text), room) for text, room in zip(row, columns, strict=True)).rstrip())


def ask(question: Question, take: Callable[[str], object], *, at: str = "") -> str:
    """Asks until the answer can be taken by `take` (which raises WrongAnswer). → the answer as it was taken."""
    click.echo()
    say(f"{at}{question.text}", bold=True)
    if question.help:
        say(question.help, indent=2, dim=True)
    for number, choice in enumerate(question.choices, 1):
        say(f"{number}. {choice.text}", indent=4)
    _propose(question)
    while True:
        text = _lines() if question.kind == "lines" else _line()
        text = _meant(question, text)
        try:
            take(text)
        except WrongAnswer as wrong:
            say(str(wrong), indent=2, fg="yellow")
            continue
        return text


def _propose(question: Question) -> None:
    shown = next((each.text for each in question.choices if each.value == question.proposal), question.proposal)
    if question.kind == "lines":
        if shown:
            say(shown, indent=4)
        enter = "直接回车：就用上面的；" if shown else ""
        say(f"（{enter}一行一个，最后按一次空回车结束；都不要就填“无”）", indent=2, dim=True)
    elif shown:
        say(f"直接回车：{shown}", indent=2, dim=True)


def _line() -> str:
    return str(click.prompt(">", default="", show_default=False, prompt_suffix=" ")).strip()


def _lines() -> str:
    found: list[str] = []
    while line := str(click.prompt(">", default="", show_default=False, prompt_suffix=" ")).rstrip():
        found.append(line)
    return "\n".join(found)


def _meant(question: Question, text: str) -> str:
    """What was typed, as it is kept: nothing for the proposal, a number for a choice."""
    if not text:
        return question.proposal
    if question.kind == "lines" and text.strip() == _CLEARED:
        return ""
    if question.choices and text.isascii() and text.isdigit() and 0 < int(text) <= len(question.choices):
        return question.choices[int(text) - 1].value
    return text
