"""The evidence bundle: an auditor checks it with Python alone, and no alteration of it passes, however well it is made to fit."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import random
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.submission import FileRef
from ingest import bundle as bundles
from ingest.evidence import kept, verify
from ingest.verdicts import decide
from storage import ledger, quarantine
from storage.bag import bag_faults
from storage.canonical import canonical
from storage.merkle import audit_path, leaf_hash, root_hash
from storage.signing import make_key
from tests.builders import UNFILED, seal
from tests.office import Office, office
from tests.parts import file_of, printed, sha, workbook
from tests.shell import Shell

RECEIPT = "PY51-PYX-20200227-01"
VERIFY = Path(bundles.__file__).parent / "bundle_kit" / "verify.py"
SHEET = workbook({}, UNFILED)


def old_python() -> str | None:
    """Python 3.8, where it is and runs; some machines have a word of that name that leads nowhere."""
    program = shutil.which("python3.8")
    works = program and subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode == 0
    return program if works else None


OLD_PYTHON = old_python()


def load_verify() -> Any:
    spec = importlib.util.spec_from_file_location("bundle_verify", VERIFY)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = load_verify()


def faults(folder: Path, *heads: str) -> int:
    """As the script counts them, in this process."""
    report = verifier.Report()
    try:
        verifier.check(folder, list(heads), report)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        report.faults += 1
    return int(report.faults)


def make(here: Office, target: Path, **options: Any) -> bundles.Bundle:
    with here.app.database.read() as tx:
        found = kept(tx, RECEIPT)
    assert found
    return bundles.bundle(here.app, found, target, by="staff:li", **options)


def unpack(file: Path, folder: Path) -> Path:
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    return folder / RECEIPT


def arrive(here: Office) -> None:
    """A faint seal, decided by staff: two decisions and two letters."""
    here.mail("faint", SHEET, file_of(printed(SHEET, seal(legible=False)), label="faint"))
    here.run()
    decide(here.app, RECEIPT, accept=True, reason="看清了", by="staff:zhang")
    here.run()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path / "store") as made:
        arrive(made)
        yield made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle as it was made; nobody alters it."""
    folder = tmp_path_factory.mktemp("bundle")
    with office(folder / "store") as here:
        arrive(here)
        make(here, folder / "evidence.zip")
    return unpack(folder / "evidence.zip", folder)


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def refit(folder: Path) -> None:
    """Makes the lists anew, as a forger would who leaves no easy trace."""
    for name, under in (("manifest-sha256.txt", "data/"), ("tagmanifest-sha256.txt", "")):
        lines = []
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).as_posix()
            mine = inside.startswith("data/") if under else "/" not in inside and inside != name
            if path.is_file() and mine:
                lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {inside}\n")
        (folder / name).write_text("".join(lines), encoding="utf-8")


def edit(path: Path, change: Callable[[Any], None]) -> None:
    told = json.loads(path.read_text("utf-8"))
    change(told)
    path.write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def run(folder: Path, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    command = [python, "-I", str(folder / "verify.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=120, encoding="utf-8", check=False)


def test_it_is_a_bag_that_the_script_in_it_finds_whole(whole: Path) -> None:
    assert list(bag_faults(whole)) == []
    ran = run(whole)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "结论：全部相符。 / RESULT: all as recorded" in ran.stdout
    assert "FAULT" not in ran.stdout


@pytest.mark.skipif(OLD_PYTHON is None, reason="no Python 3.8 here; the syntax is checked below")
def test_the_script_runs_on_the_oldest_python_it_promises(whole: Path) -> None:
    assert OLD_PYTHON
    assert run(whole, python=OLD_PYTHON).returncode == 0


def test_the_script_needs_the_standard_library_alone() -> None:
    tree = ast.parse(VERIFY.read_text("utf-8"), feature_version=(3, 8))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names


def test_what_lies_in_it(whole: Path, here: Office) -> None:
    names = {path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file()}
    assert {
        "data/files/01-濮阳县.xlsx", "data/files/02-扫描.pdf", "data/letters/01-decision.eml", "data/letters/02-decision.eml",
        "data/record/01-document.json", "data/record/02-document.json", "data/record/01-cover.json",
        "data/record/01-findings.json", "data/decision.json", "data/history.json", "data/left-out.json",
        "data/ledger/entries.json", "data/ledger/heads.json", "README.zh.txt", "verify.py", "bag-info.txt",
    } <= names  # fmt: skip
    shown = json.loads((whole / "data/decision.json").read_text("utf-8"))
    assert (shown["state"], shown["row_count"], len(shown["rows"])) == ("accepted", 2, 2)
    told = (whole / "README.zh.txt").read_text("utf-8")
    assert f"回执：{RECEIPT}\n单位：濮阳县\n" in told and "python3 verify.py --head" in told
    assert str(here.app.settings.base) not in "".join(path.read_text("utf-8") for path in whole.rglob("*.json"))


def places(folder: Path) -> list[tuple[str, int, int]]:
    """A few hundred bytes to alter, of every file some: path, place, by what."""
    rng = random.Random(51)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    wanted = [(path, rng.randrange(path.stat().st_size), 1 << rng.randrange(8)) for path in files for _ in range(20)]
    return [(path.relative_to(folder).as_posix(), at, bit) for path, at, bit in wanted]


def test_every_single_altered_byte_is_found(copy: Path) -> None:
    """The script is that of another place, as the README advises: who alters the bundle may alter the script in it."""
    table = places(copy)
    assert len(table) >= 300
    for name, at, bit in table:
        path = copy / name
        data = bytearray(path.read_bytes())
        data[at] ^= bit
        path.write_bytes(data)
        assert faults(copy), f"{name}, byte {at}, bit {bit}"
        data[at] ^= bit
        path.write_bytes(data)
    assert faults(copy) == 0


@pytest.mark.parametrize("name", ["data/files/01-濮阳县.xlsx", "data/ledger/heads.json", "verify.py", "bagit.txt"])
def test_what_is_gone_or_cut_or_more_is_found(copy: Path, name: str) -> None:
    data = (copy / name).read_bytes()
    (copy / name).write_bytes(data[:-1])
    assert faults(copy)
    (copy / name).unlink()
    assert faults(copy)
    (copy / name).write_bytes(data)
    (copy / "data" / "planted.txt").write_text("x")
    assert faults(copy) == 1


FORGED: dict[str, Callable[[Path], None]] = {
    "another workbook": lambda folder: (folder / "data/files/01-濮阳县.xlsx").write_bytes(b"forged") and None,
    "another letter": lambda folder: (folder / "data/letters/01-decision.eml").write_bytes(b"Subject: x\r\n\r\n") and None,
    "a mail more": lambda folder: (folder / "data/mails/09.eml").write_bytes(b"Subject: x\r\n\r\n") and None,
    "a mail less": lambda folder: next((folder / "data/mails").iterdir()).unlink(),
    "a file less": lambda folder: (folder / "data/files/02-扫描.pdf").unlink(),
    "a record less": lambda folder: (folder / "data/record/02-document.json").unlink(),
    "another state": lambda folder: edit(
        folder / "data/decision.json", lambda told: told.update(state="rejected")
    ),
    "another row": lambda folder: edit(
        folder / "data/decision.json", lambda told: told["rows"][0]["cells"]["school"].update(text="别的学校")
    ),
    "a row less": lambda folder: edit(folder / "data/decision.json", lambda told: told["rows"].pop()),
    "another problem": lambda folder: edit(folder / "data/decision.json", lambda told: told["problems"].pop()),
    "a decision less": lambda folder: edit(folder / "data/history.json", lambda told: told.pop(0)),
    "another record": lambda folder: edit(
        folder / "data/record/02-document.json", lambda told: told.update(reason="别的理由")
    ),
    "another entry": lambda folder: edit(
        folder / "data/ledger/entries.json", lambda told: told[0].update(body=told[0]["body"].replace("1", "2"))
    ),
    "another time": lambda folder: edit(folder / "data/ledger/entries.json", lambda told: told[0].update(at=1)),
    "entries exchanged": lambda folder: edit(
        folder / "data/ledger/entries.json", lambda told: told[0].update(number=told[1]["number"])
    ),
    "a head less": lambda folder: edit(folder / "data/ledger/heads.json", lambda told: told.pop(1)),
    "another root": lambda folder: edit(folder / "data/ledger/heads.json", lambda told: told[0].update(root="0" * 64)),
    "a fact of a head": lambda folder: edit(folder / "data/ledger/heads.json", lambda told: told[0].update(count=1)),
    "no ledger": lambda folder: edit(folder / "data/ledger/entries.json", lambda told: told.clear()),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forgery_whose_lists_fit_is_found_by_the_ledger(copy: Path, forgery: str) -> None:
    FORGED[forgery](copy)
    refit(copy)
    assert list(bag_faults(copy)) == []
    assert faults(copy)


def test_a_ledger_made_anew_is_found_by_a_letter_that_somebody_kept(copy: Path, whole: Path) -> None:
    letter = str(whole / "data/letters/02-decision.eml")
    assert faults(copy, letter) == 0
    edit(copy / "data/ledger/heads.json", _made_anew)
    refit(copy)
    assert faults(copy) == 0, "it fits in itself"
    assert faults(copy, letter)


def _made_anew(heads: list[dict[str, Any]]) -> None:
    """Every head a second later, all else reckoned anew."""
    previous = heads[0]["previous"]
    for head in heads:
        head["at"], head["previous"] = head["at"] + 1_000_000, previous
        facts = {name: head[name] for name in ("at", "count", "number", "previous", "root")}
        head["hash"] = previous = hashlib.sha256(canonical(facts).encode()).hexdigest()


def test_heads_are_taken_as_typed_and_out_of_letters(whole: Path, tmp_path: Path) -> None:
    heads = json.loads((whole / "data/ledger/heads.json").read_text("utf-8"))
    first, last = heads[0], heads[-1]
    good = run(whole, "--head", f"{first['number']}:{first['hash'][:16]}", "--head", f"{last['number']}:{last['hash']}")
    assert good.returncode == 0 and good.stdout.count("the same in this ledger") == 2
    shown = f"回复里写着：\n存证：第{first['number']}号 {first['hash'][:16]}…\n"
    (tmp_path / "forwarded.eml").write_bytes(f"Content-Type: text/plain; charset=utf-8\r\n\r\n{shown}".encode())
    assert run(whole, "--head", str(tmp_path / "forwarded.eml")).returncode == 0
    wrong = run(whole, "--head", f"{first['number']}:{'0' * 16}")
    assert wrong.returncode == 1 and "contradicts this ledger" in wrong.stdout
    (tmp_path / "other.eml").write_bytes(b"Subject: x\r\n\r\nhello\r\n")
    for given in (str(tmp_path / "other.eml"), str(tmp_path / "nowhere.eml")):
        assert run(whole, "--head", given).returncode == 1
    letter = run(whole, "--head", str(whole / "data/letters/01-decision.eml"))
    assert letter.stdout.count("the same in this ledger") == 1
    later = run(whole, "--head", f"{last['number'] + 9}:{'0' * 16}")
    assert later.returncode == 0 and "outside this bundle" in later.stdout


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 11, 33])
def test_a_path_proves_its_own_leaf_and_no_other(count: int) -> None:
    entries = [{"at": at, "body": "{}", "kind": "k", "number": at + 1, "subject": "s"} for at in range(count)]
    leaves = [leaf_hash(canonical(entry).encode()) for entry in entries]
    head = {"number": count, "count": count, "root": root_hash(leaves).hex()}
    for at, entry in enumerate(entries):
        path = [node.hex() for node in audit_path(leaves, at)]
        assert verifier.is_covered(entry | {"path": path}, head)
        assert not verifier.is_covered(entry | {"path": [*path, "00" * 32]}, head)
        assert not path or not verifier.is_covered(entry | {"path": path[:-1]}, head)
        assert not verifier.is_covered(entry | {"path": path, "subject": "t"}, head)
        assert count == 1 or not verifier.is_covered(entry | {"path": path, "number": (at + 1) % count + 1}, head)


def test_what_the_virus_scanner_marked_is_left_out_and_named(here: Office, tmp_path: Path) -> None:
    with here.app.database.begin() as tx:
        quarantine.put(tx, sha("faint"), {SHEET.sha256: "Eicar-Test"}, at=here.now)
    made = make(here, tmp_path / "a.zip")
    assert [(one.sha256, one.why) for one in made.left_out] == [(SHEET.sha256, "查出病毒：Eicar-Test")]
    folder = unpack(tmp_path / "a.zip", tmp_path / "a")
    assert not list((folder / "data/files").glob("01-*"))
    ran = run(folder)
    assert ran.returncode == 0 and f"left out (查出病毒：Eicar-Test): {SHEET.sha256}" in ran.stdout
    assert make(here, tmp_path / "b.zip", with_quarantined=True).left_out == ()
    assert list((unpack(tmp_path / "b.zip", tmp_path / "b") / "data/files").glob("01-*"))


def test_signed_heads_come_with_it_and_are_of_its_chain(tmp_path: Path) -> None:
    make_key(tmp_path / "key.pem")
    with office(tmp_path / "store", ledger={"signing_key": str(tmp_path / "key.pem")}) as here:
        arrive(here)
        make(here, tmp_path / "a.zip")
    folder = unpack(tmp_path / "a.zip", tmp_path / "a")
    [statement] = (folder / "data/ledger/signed").glob("*.json")
    assert statement.with_suffix(".sig").stat().st_size == 64
    assert faults(folder) == 0
    edit(statement, lambda told: told.update(hash="0" * 64))
    refit(folder)
    assert faults(folder) == 1


def test_the_command_tells_the_ledger_and_writes_over_nothing(toml: Path, baosong: Shell, tmp_path: Path) -> None:
    with office(toml.parent) as made:
        arrive(made)
    file = tmp_path / "evidence.zip"
    ran = baosong("audit", "bundle", RECEIPT.lower(), file, "--json", "--config", toml)
    assert ran.status == 0
    assert ran.document["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".bundle")] == []
    again = baosong("audit", "bundle", RECEIPT, file, "--config", toml)
    assert again.status == 2 and "evidence is not written over" in again.err
    with office(toml.parent) as made:
        with made.app.database.read() as tx:
            entry = ledger.entries_of(tx, RECEIPT)[-1]
        body = json.loads(entry.body)
        assert entry.kind == "access.bundle"
        assert body["sha256"] == ran.document["sha256"] and body["by"].startswith("staff:")
        made.run()
        assert verify(made.app).ok
    later = baosong("audit", "bundle", RECEIPT, tmp_path / "later.zip", "--config", toml)
    assert "noted in the ledger" in later.out
    assert run(unpack(tmp_path / "later.zip", tmp_path / "later")).returncode == 0


def test_a_lost_file_is_named_in_the_bundle_and_is_status_1(toml: Path, baosong: Shell, tmp_path: Path) -> None:
    with office(toml.parent) as made:
        arrive(made)
        made.app.blobs.file(SHEET.sha256).unlink()
    ran = baosong("audit", "bundle", RECEIPT, tmp_path / "a.zip", "--config", toml)
    assert ran.status == 1 and f"blob:{SHEET.sha256}: missing or altered" in ran.err
    told = json.loads((unpack(tmp_path / "a.zip", tmp_path / "a") / "data/left-out.json").read_text("utf-8"))
    assert told == [{"sha256": SHEET.sha256, "why": "存档里已丢失或损坏"}]


def test_an_unknown_receipt_is_status_1(toml: Path, baosong: Shell, tmp_path: Path) -> None:
    with office(toml.parent):
        pass
    ran = baosong("audit", "bundle", "PY51-PYX-20200101-09", tmp_path / "a.zip", "--config", toml)
    assert ran.status == 1 and "no submission has the receipt" in ran.err
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\\b\\濮阳县.xlsx", "濮阳县.xlsx"),
        ('扫描<1>:"?".pdf', "扫描_1_____.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("x" * 300 + ".xlsx", "x" * 60 + ".xlsx"),
        (" . ", "file"),
        ("a\nb.pdf", "ab.pdf"),
    ],
)
def test_file_names_are_such_as_any_system_takes(name: str, plain: str) -> None:
    assert bundles._plain(name) == plain


def test_of_two_files_with_one_name_both_are_there(here: Office, tmp_path: Path) -> None:
    with here.app.database.read() as tx:
        found = kept(tx, RECEIPT)
    assert found
    one = found.case.files[0]
    here.app.blobs.put(b"other")
    other = FileRef(name=one.name, kind=one.kind, sha256=hashlib.sha256(b"other").hexdigest(), size=5, mail=one.mail)
    case = replace(found.case, others=(other,))
    with here.app.database.read() as tx:
        names = [path for path, _ in bundles._wanted(tx, case) if path.startswith("files/")]
    assert [re.sub(r"^files/\d\d-", "", name) for name in names] == ["濮阳县.xlsx", "扫描.pdf", "濮阳县.xlsx"]
