"""The shape of an entry of the problem catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.problems import Severity


@dataclass(frozen=True, kw_only=True)
class Words:
    """Templates (`str.format`) of what is wrong and how to mend it, in Chinese for the clerk."""

    message: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class Reason:
    """For whoever fills in the form: why this is asked, in a sentence or two, and an example right and wrong."""

    why: str
    right: str
    wrong: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One problem code: its usual severity, a short name, when it is found, and its words.

    `variants` are other words for particular causes of the same code, by the name the check uses. `why`, `right` and `wrong` stand
    in a file of reasons beside (`domain.catalogue` puts them in), or here.
    """

    code: str
    severity: Severity
    name: str
    when: str
    words: Words
    variants: dict[str, Words] = field(default_factory=dict)
    why: str = ""
    right: str = ""
    wrong: str = ""
