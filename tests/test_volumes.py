"""Which attachments are volumes of one archive: their order, the name it goes by, and what is missing."""

from __future__ import annotations

import pytest

from parsers.volumes import volume_sets


@pytest.mark.parametrize(
    ("names", "sets"),
    [
        (["a.part1.rar", "a.part2.rar"], [((0, 1), 0, False)]),
        (["a.part02.rar", "b.xlsx", "A.PART01.RAR", "a.part10.rar"], [((2, 0, 3), 2, True)]),
        (["a.7z.002", "a.7z.001"], [((1, 0), 1, False)]),
        (["表.zip.001"], [((0,), 0, False)]),
        (["a.7z.002"], [((0,), 0, True)]),
        (["a.zip", "a.z02", "a.z01"], [((2, 1, 0), 0, False)]),
        (["a.z01"], [((0,), 0, False)]),
        (["a.z02", "a.zip"], [((0, 1), 1, True)]),
        (["a.r00", "a.rar", "a.r01"], [((1, 0, 2), 1, False)]),
        (["a.r00", "a.r01"], [((0, 1), 0, True)]),
        (["a.part1.rar", "a.part1.rar", "a.part2.rar"], [((0, 2), 0, False)]),
        (["a.z01", "a.zip", "a.zip"], [((0, 1), 1, False)]),
        (["a.part1.rar", "b.part1.rar", "b.part2.rar"], [((0,), 0, False), ((1, 2), 1, False)]),
        (["a.zip", "b.rar", "2020.001", "a.xlsx.1", ".zip", ""], []),
    ],
)
def test_sets(names: list[str], sets: list[tuple[tuple[int, ...], int, bool]]) -> None:
    assert [(one.places, one.named, one.gap) for one in volume_sets(names)] == sets
