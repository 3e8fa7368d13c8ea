"""Each wall round the children, tried from inside. A system that lacks one is told apart: in CI it is a failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.doctor import walled
from domain.cover import PageKind
from domain.mail import MailFacts, MailKind, Part, PartKind
from ingest import answers, landlock, seccomp
from ingest.child import ChildFailed
from ingest.children import DECODED, FACTS, DecodedFile, PageFile, pixels_name, walls_job
from ingest.sandbox import Sandbox
from parsers.limits import Limits
from tests import wall_jobs as jobs

LIMITS = Limits(parse_seconds=20)


@pytest.fixture(scope="module", autouse=True)
def _this_system_has_walls() -> None:
    """Without Landlock or seccomp nothing below can hold; the rest of the suite still runs."""
    lacking = [name for name, there in (("Landlock", landlock.version()), ("seccomp", seccomp.is_known())) if not there]
    if lacking:
        message = f"THIS SYSTEM HAS NO {' AND NO '.join(lacking)}: strangers' files are read without walls"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as made:
        yield made


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What came of each attempt, all made in one child of a kind."""

    decoder: Mapping[tuple[str, str], str]
    recogniser: Mapping[tuple[str, str], str]


@pytest.fixture(scope="module")
def tried(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Tried:
    beside = tmp_path_factory.mktemp("walls")
    (beside / "secret").write_text("secret")
    task = beside / "task"
    task.mkdir()
    (task / "in").write_bytes(b"in")
    wanted = [*FORBIDDEN, *ALLOWED]
    attempts = [(what, argument.format(beside=beside, task=task)) for what, argument in wanted]
    recogniser = json.loads(sandbox.recognise(jobs.attempt, attempts))  # first: it changes nothing
    decoder = json.loads(sandbox.decode(jobs.attempt, attempts, folder=task))
    return Tried(decoder=dict(zip(wanted, decoder, strict=True)), recogniser=dict(zip(wanted, recogniser, strict=True)))


OWN = str(os.getpid())
FORBIDDEN = [
    *[("read", path) for path in ("/etc/passwd", "{beside}/secret", "{task}/../secret", f"/proc/{OWN}/environ", f"/proc/{OWN}/mem")],
    *[("list", path) for path in ("/", "/etc", "/proc", "/tmp", "{beside}")],
    *[("write", path) for path in ("{beside}/new", "{beside}/secret", "/tmp/baosong-walls", __file__)],
    ("make folder", "{beside}/folder"),
    ("remove", "{beside}/secret"),
    *[("mode", path) for path in ("{beside}/secret", "{task}/in")],
    *[("link", path) for path in ("{beside}/secret", "{task}/in")],
    ("symlink", "{task}/link"),
    ("pipe", "{task}/pipe"),
    *[(name, "") for name in ("tcp", "udp", "local socket", "resolve")],
    *[(name, "") for name in ("fork", "program", "become a program", "signal group", "own limit", "become root")],
    *[(name, OWN) for name in ("signal", "peek", "trace", "priority", "limit")],
]  # fmt: skip
ALLOWED = [
    *[("read", path) for path in ("{task}/in", "/proc/self/status", "/dev/null")],
    ("write", "{task}/out"),
    ("make folder", "{task}/folder"),
    ("remove", "{task}/in"),
    ("temporary", ""),
    ("thread", ""),
    ("signal itself", ""),
]


def _id(each: tuple[str, str]) -> str:
    return " ".join(each).replace(OWN, "PID").strip()


@pytest.mark.parametrize("each", FORBIDDEN, ids=_id)
def test_a_decoder_cannot(tried: Tried, each: tuple[str, str]) -> None:
    assert tried.decoder[each] == "refused"


@pytest.mark.parametrize("each", ALLOWED, ids=_id)
def test_a_decoder_still_can(tried: Tried, each: tuple[str, str]) -> None:
    assert tried.decoder[each] == "done"


@pytest.mark.parametrize("each", [each for each in FORBIDDEN if each[0] != "own limit"], ids=_id)
def test_a_recogniser_cannot(tried: Tried, each: tuple[str, str]) -> None:
    assert tried.recogniser[each] == "refused"


@pytest.mark.parametrize("each", [each for each in ALLOWED if "{task}" in each[1]], ids=_id)
def test_a_recogniser_opens_no_file_but_what_it_is_handed(tried: Tried, each: tuple[str, str]) -> None:
    assert tried.recogniser[each] == "refused"


def test_both_find_no_gap_themselves(sandbox: Sandbox) -> None:
    assert sandbox.decode(walls_job, os.getpid()) == b""
    assert sandbox.recognise(walls_job, os.getpid()) == b""


def test_files_are_handed_over_open(sandbox: Sandbox, tmp_path: Path) -> None:
    """And closed after the job: many times over, none is left."""
    (tmp_path / "1").write_bytes(b"one")
    (tmp_path / "2").write_bytes(b"two")
    with (tmp_path / "1").open("rb") as first, (tmp_path / "2").open("rb") as second:
        descriptors = {sandbox.recognise(jobs.with_files, files=[first, second]) for _ in range(100)}
        many = sandbox.recognise(jobs.with_files, files=[first, second] * 200)
    assert len(descriptors) == 1
    assert many.count(b",") == 399


def test_no_secret_lies_in_a_childs_memory() -> None:
    """In a process of its own, whose fork server is started with a secret about."""
    code = (
        "from ingest.sandbox import Sandbox; from parsers.limits import Limits; from tests import wall_jobs\n"
        "import os, sys\n"
        "with Sandbox(Limits()) as sandbox: told = sandbox.decode(wall_jobs.environment_in_memory)\n"
        "assert os.environ['BAOSONG_MAILBOX__PASSWORD'] == 'hunter2'\n"
        "sys.stdout.buffer.write(told)"
    )
    environment = {**os.environ, "BAOSONG_MAILBOX__PASSWORD": "hunter2"}
    made = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert b"PATH=" in made.stdout
    assert b"hunter2" not in made.stdout


def test_doctor_says_what_holds_and_what_does_not() -> None:
    good = walled([], 1500)
    assert (good.ok, good.mend) == (True, "")
    assert "no network" in good.found
    bad = walled(["open network connections", "start programs"], 1500)
    assert "could open network connections, start programs" in bad.found
    assert "Landlock" in bad.mend


PART = Part(name="a.pdf", kind=PartKind.COVER, media="application/pdf", sha256="a" * 64, size=1, position=0)


def _facts(*parts: Part) -> bytes:
    facts = MailFacts(
        message_id=None, subject="", sender="", sender_name="", reply_to=None, envelope_sender=None, kind=MailKind.HUMAN, parts=parts
    )  # fmt: skip
    return FACTS.dump_json(facts)


def _but(**changes: object) -> bytes:
    told = json.loads(_facts(PART))
    told["parts"][0] |= changes
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    "answer",
    [b"", b"{}", _but(sha256="../../etc/passwd"), _but(sha256="A" * 64), _but(sha256="a" * 64 + "\n"), _facts(PART, PART)],
    ids=["nothing", "empty", "path", "upper case", "line break", "twice"],
)  # fmt: skip
def test_facts_that_are_not_as_agreed_are_a_fault_of_ours(answer: bytes) -> None:
    assert answers.mail_of(_facts(PART)).parts == (PART,)
    with pytest.raises(ChildFailed) as caught:
        answers.mail_of(answer)
    assert caught.value.reason == "error"


def test_an_answer_about_another_file_is_a_fault_of_ours() -> None:
    """Else a child could have another sender's workbook sent back, or another's scan vouched for."""
    page = PageFile(number=1, dpi=None, kind=PageKind.SCAN, photo=False)
    other = DecodedFile(file="a.pdf", sha256="b" * 64, signed=False, page_count=1, pages=(page,))
    with pytest.raises(ChildFailed, match="another file"):
        answers.decoded_of(DECODED.dump_json(other), PART)


@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "missing"])
def test_what_a_child_left_in_place_of_a_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / pixels_name("a" * 64, 1)
    {
        "link": lambda: path.symlink_to("/etc/passwd"),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "missing": lambda: None,
    }[kind]()
    with pytest.raises(ChildFailed):
        answers.opened(path)


def test_bytes_that_are_not_what_their_hash_says_are_a_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / PART.sha256).write_bytes(b"x")
    with pytest.raises(ChildFailed, match="hash"):
        answers.content(tmp_path, PART)
