"""However the files of a mail are packed, the same parts come out; whatever is done to an archive, something is said."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.mail import FaultCause, Part, PartFault, PartKind
from parsers.archive_entries import Budget, Entry
from parsers.archive_kinds import archive_media
from parsers.archives import Packed, unpack
from parsers.limits import Limits
from parsers.mail import OpenedMail
from tests.archive_making import CONTAINERS, zipped
from tests.mail_making import PDF, XLSX, attachment, faults, mixed, opened

FILES = (("濮阳县.xlsx", XLSX + bytes(900)), ("盖章扫描件.pdf", PDF + random.Random(1).randbytes(900)))


def mail_of(attachments: list[tuple[str, bytes]]) -> OpenedMail:
    return opened(mixed(*(attachment(name, data) for name, data in attachments)))


def told(part: Part) -> tuple[str, PartKind, str, str, int]:
    """A part without its way into the archive."""
    return part.name.rsplit("/", 1)[-1], part.kind, part.media, part.sha256, part.size


PLAIN = [told(part) for part in mail_of(list(FILES)).facts.parts]


@pytest.mark.parametrize("way", CONTAINERS)
def test_every_container_gives_the_same_parts_as_the_plain_mail(way: str) -> None:
    mail = mail_of(CONTAINERS[way](FILES))
    assert [told(part) for part in mail.facts.parts] == PLAIN
    assert faults(mail) == []
    assert {mail.contents[part.sha256] for part in mail.facts.parts} == {data for _, data in FILES}


@pytest.mark.parametrize(
    ("way", "name"),
    [
        ("rar 5", "材料.rar/濮阳县.xlsx"),
        ("rar 5, volumes", "材料.part01.rar/濮阳县.xlsx"),
        ("split zip", "材料.zip/濮阳县.xlsx"),
        ("volumes in zip", "材料.zip/内.part1.rar/濮阳县.xlsx"),
        ("gz, one each", "濮阳县.xlsx.gz/濮阳县.xlsx"),
    ],
)
def test_the_way_to_a_file_is_told(way: str, name: str) -> None:
    assert mail_of(CONTAINERS[way](FILES)).facts.parts[0].name == name


@pytest.mark.parametrize("way", [way for way, made in CONTAINERS.items() if len(made(FILES)) > 2])
def test_volumes_may_come_in_any_order(way: str) -> None:
    mail = mail_of(CONTAINERS[way](FILES)[::-1])
    assert [told(part) for part in mail.facts.parts] == PLAIN


@pytest.mark.parametrize("way", [way for way, made in CONTAINERS.items() if len(made(FILES)) > 2])
@pytest.mark.parametrize("missing", [0, 1, -1])
def test_a_missing_volume_is_told_once_and_the_others_are_kept(way: str, missing: int) -> None:
    came = CONTAINERS[way](FILES)
    del came[missing]
    mail = mail_of(came)
    assert [(fault.code, fault.cause) for fault in mail.facts.faults] == [("attachment.unreadable", FaultCause.VOLUMES)]
    assert mail.facts.faults[0].name in [name for name, _ in came]
    kept = {part.name for part in mail.facts.parts if part.kind is PartKind.ARCHIVE}
    assert kept == {name for name, _ in came}


@pytest.mark.parametrize("way", [way for way, made in CONTAINERS.items() if len(made(FILES)) > 2])
def test_one_volume_alone_is_told(way: str) -> None:
    for file in CONTAINERS[way](FILES):
        mail = mail_of([file])
        assert ("attachment.unreadable", FaultCause.VOLUMES) in [(f.code, f.cause) for f in mail.facts.faults], file[0]


SAMPLES = {
    way: data
    for way, made in CONTAINERS.items()
    for data in [b"".join(data for _, data in made(FILES))]
    if " in " not in way and "one each" not in way
}


def _bounded(data: bytes, media: str) -> Iterator[Entry | PartFault]:
    """What comes out of it; fails when that is nothing, or more than the budget allows."""
    limits = Limits(unpacked_bytes=100_000, file_bytes=50_000)
    budget = Budget(limits)
    found = list(islice(unpack(Packed(name="a", media=media, volumes=(data,)), budget), 1000))
    assert found
    assert sum(len(item.data) for item in found if isinstance(item, Entry)) <= limits.unpacked_bytes
    assert all(len(item.data) <= limits.file_bytes for item in found if isinstance(item, Entry))
    yield from found


@pytest.mark.parametrize("way", SAMPLES)
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_truncated_archive_gives_a_fault(way: str, data: st.DataObject) -> None:
    whole = SAMPLES[way]
    size = data.draw(st.integers(16, len(whole) - 1))  # by less nobody would take it for an archive
    found = list(_bounded(whole[:size], archive_media(whole)))
    lost = len([item for item in found if isinstance(item, Entry)]) < len(FILES)
    assert not lost or any(isinstance(item, PartFault) for item in found)


@pytest.mark.parametrize("way", SAMPLES)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_an_altered_archive_gives_entries_or_a_fault(way: str, data: st.DataObject) -> None:
    altered = bytearray(SAMPLES[way])
    last = len(altered) - 1
    for _ in range(data.draw(st.integers(1, 4))):
        # Headers stand at both ends: most changes go there.
        place = data.draw(st.one_of(st.integers(0, 120), st.integers(0, last), st.integers(last - 120, last)))
        altered[min(place, last)] = data.draw(st.integers(0, 255))
    found = list(_bounded(bytes(altered), archive_media(SAMPLES[way])))
    right = {item.data for item in found if isinstance(item, Entry)} <= {content for _, content in FILES}
    without_check_sums = way.startswith("tar") and "." not in way
    assert right or without_check_sums or any(isinstance(item, PartFault) for item in found)


@pytest.mark.parametrize("way", ["cut zip", "split zip", "cut 7z", "rar 5, volumes", "rar 4, volumes of old"])
def test_a_set_of_volumes_attached_twice_is_read_once(way: str) -> None:
    volumes = CONTAINERS[way](FILES)
    once, twice = mail_of(volumes), mail_of([*volumes, *volumes])
    assert (twice.facts.parts, faults(twice)) == (once.facts.parts, [])


@pytest.mark.parametrize("name", ["报表.zip.2020", "报表.zip.001", "报表.zip.002"])
def test_a_whole_archive_with_a_number_behind_its_name_is_read(name: str) -> None:
    mail = mail_of([(name, zipped(FILES))])
    assert [part.name for part in mail.facts.parts] == [f"{name}/{own}" for own, _ in FILES]
    assert faults(mail) == []
