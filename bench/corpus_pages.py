"""The outcomes of a corpus as lines for a terminal and as a page of the docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.corpus import Outcome, counted


def lines(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for group, labels in counted(outcomes).items():
        yield f"{group}: " + ", ".join(f"{label} {count}" for label, count in labels.most_common())
    for o in outcomes:
        yield f"  {o.source.path} [{o.label}] ({o.reason}) files={list(o.files)} faults={list(o.faults)} missed={list(o.missed)}"


def page(outcomes):
    return ""
