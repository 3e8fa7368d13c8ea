#!/usr/bin/env python3
"""Checks an evidence bundle of Baosong. Needs Python 3.8 or later and nothing else; reads only, and asks no network.

    python3 verify.py [FOLDER] [--head N:HASH | --head LETTER.eml]...

FOLDER is where the bundle was unpacked (default: where this file lies). `--head`: what somebody outside the bureau has of the
ledger, as a letter shows it (存证：第N号 HASH), or such a letter itself. Exit status 0: all as recorded; 1: not so.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

SHA256 = re.compile("[0-9a-f]{64}")
LISTS = ("tagmanifest-sha256.txt", "manifest-sha256.txt")
TAGS = {"bag-info.txt", "bagit.txt", "manifest-sha256.txt", "README.zh.txt", "verify.py"}
SHOWN = re.compile(r"存证[：:]\s*第\s*(\d{1,18})\s*号\s*([0-9a-f]{16,64})")
TYPED = re.compile(r"(\d{1,18})\s*[:：]\s*([0-9a-fA-F]{16,64})(?:…|\.\.\.)?")


class Report:
    """Says what was checked, and keeps whether anything was wrong."""

    def __init__(self) -> None:
        self.faults = 0

    def good(self, chinese: str, english: str) -> None:
        print(f"[通过 OK] {chinese} / {english}")

    def note(self, chinese: str, english: str) -> None:
        print(f"[说明 NOTE] {chinese} / {english}")

    def fault(self, chinese: str, english: str) -> None:
        self.faults += 1
        print(f"[不符 FAULT] {chinese} / {english}")


def main() -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that has no Chinese still shows the English
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--head", action="append", default=[], metavar="N:HASH|LETTER.eml")
    arguments = parser.parse_args()
    report = Report()
    try:
        check(arguments.folder, arguments.head, report)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        report.fault(
            "证据包不完整或已损坏，无法继续核对", f"the bundle cannot be read: {type(error).__name__}: {error}"
        )
    if report.faults:
        print(f"结论：发现{report.faults}处不符，不能作为完整的证据。 / RESULT: {report.faults} FAULTS")
        return 1
    print("结论：全部相符。 / RESULT: all as recorded")
    return 0


def check(folder: Path, outside: list[str], report: Report) -> None:
    hashes = check_bag(folder, report)
    entries, heads = check_ledger(folder, report)
    bodies = [(entry, json.loads(entry["body"])) for entry in entries]
    left_out = {one["sha256"]: one["why"] for one in load(folder, "data/left-out.json")}
    check_files(hashes, bodies, report)
    check_decision(folder, hashes, bodies, left_out, report)
    check_signed(folder, heads, report)
    for given in outside:
        check_outside(given, heads, report)
    for sha256, why in sorted(left_out.items()):
        report.note(f"有一个文件没有放进来（{why}）：{sha256}", f"left out ({why}): {sha256}")
    last = heads[-1]
    shown = f"{last['number']}:{last['hash']}"
    report.note(f"本包的账目截至第{last['number']}号 {last['hash'][:16]}", f"the ledger of this bundle ends at {shown}")
    if not outside:
        report.note(
            "请另取一封本系统以前发出的回复，用 --head 核对：包里的账目是否与别人手里的一致，只有这样才能知道",
            "compare with a letter that somebody else holds (--head): a ledger made anew fits in itself",
        )


def check_bag(folder: Path, report: Report) -> dict[str, str]:
    """Every file is on a list with its SHA-256, and no other is there (BagIt, RFC 8493). -> path: SHA-256 as it is now."""
    listed: dict[str, str] = {}
    for name in LISTS:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            text = file.read()
        for line in text.split("\n")[:-1]:
            found = re.fullmatch("([0-9a-f]{64})  (.+)", line)
            path = found[2].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") if found else ""
            if not found or path.startswith("/") or ".." in path.split("/") or path in listed:
                raise ValueError(f"{name}: not a list")
            listed[path] = found[1]
        if not text.endswith("\n"):
            raise ValueError(f"{name}: cut short")
    files = [path for path in folder.rglob("*") if not path.is_dir()]
    there = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    wrong = 0
    for path in sorted({*listed, *there, *TAGS} - {LISTS[0]}):
        if path not in there:
            report.fault(f"缺少文件：{path}", f"missing: {path}")
        elif path not in listed:
            report.fault(f"多出文件：{path}", f"on no list: {path}")
        elif listed[path] != there[path]:
            report.fault(f"文件被改动：{path}", f"altered: {path}")
        else:
            continue
        wrong += 1
    if not wrong:
        report.good(f"{len(listed)}个文件都与清单一致", f"{len(listed)} files as listed")
    return there


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def load(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def canonical(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def check_ledger(folder: Path, report: Report) -> tuple[list[Any], list[Any]]:
    """Heads form a chain, and each entry is in the tree of the head that covers it (RFC 6962). -> entries, heads."""
    entries, heads = load(folder, "data/ledger/entries.json"), load(folder, "data/ledger/heads.json")
    before = None
    for head in heads:
        facts = {name: head[name] for name in ("at", "count", "number", "previous", "root")}
        if sha256(canonical(facts)).hex() != head["hash"]:
            report.fault(
                f"账目第{head['number']}号的存证值不符", f"head {head['number']}: its hash is not of its facts"
            )
        if before and (head["previous"] != before["hash"] or head["number"] != before["number"] + head["count"]):
            report.fault(
                f"账目在第{head['number']}号处不连续", f"head {head['number']}: does not follow the one before"
            )
        before = head
    covering = {head["number"]: head for head in heads}
    wrong = 0
    for entry in entries:
        if not is_covered(entry, covering.get(entry["head"])):
            wrong += 1
            report.fault(f"账目第{entry['number']}条不在存证之内", f"entry {entry['number']}: not under its head")
    if not heads or not entries:
        report.fault("没有账目", "no ledger")
    elif not wrong:
        report.good(
            f"{len(entries)}条账目都在存证之内，{len(heads)}个存证前后相连",
            f"{len(entries)} entries proven, {len(heads)} heads chained",
        )
    return entries, heads


def is_covered(entry: dict[str, Any], head: dict[str, Any] | None) -> bool:
    """The inclusion proof (RFC 9162, section 2.1.3.2, the same tree)."""
    if head is None:
        return False
    facts = {name: entry[name] for name in ("at", "body", "kind", "number", "subject")}
    node, at, last = (
        sha256(b"\0" + canonical(facts)),
        entry["number"] - head["number"] + head["count"] - 1,
        head["count"] - 1,
    )
    if not 0 <= at <= last:
        return False
    for step in entry["path"]:
        if last == 0:
            return False
        other = bytes.fromhex(step)
        if at % 2 or at == last:
            node = sha256(b"\1" + other + node)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + other)
        at, last = at >> 1, last >> 1
    return bool(last == 0 and node.hex() == head["root"])


def told(bodies: list[Any], kind: str) -> list[Any]:
    return [body for entry, body in bodies if entry["kind"] == kind]


def check_files(hashes: dict[str, str], bodies: list[Any], report: Report) -> None:
    """Each mail, file, picture, letter and record is one that the ledger tells of."""
    decided = told(bodies, "submission.decided")
    known = {
        "mails": {entry["subject"][5:] for entry, _ in bodies if entry["kind"] == "mail.received"},
        "files": {name for body in decided for name in body.get("blobs", ())},
        "letters": {name for body in told(bodies, "letter.rendered") for name in body.get("blobs", ())[:1]},
        "record": {name for body in decided for name in (body.get("record") or {}).values() if name},
    }
    known["pictures"] = {name for body in decided for name in (body.get("evidence") or {}).get("pictures", ())}
    older = [body for body in decided if not body.get("record")]
    counted = 0
    for path, digest in sorted(hashes.items()):
        parts = path.split("/")
        if len(parts) < 3 or parts[0] != "data" or parts[1] == "ledger":
            continue
        if digest in known.get(parts[1], ()):
            counted += 1
        elif parts[1] == "record" and older:
            report.note(f"早期记录，账目没有为它作保：{path}", f"older than what the ledger vouches for: {path}")
        else:
            report.fault(f"账目里没有这个文件：{path}", f"the ledger does not know it: {path}")
    report.good(
        f"{counted}个来信、文件、图像、回复和记录都在账目里有据可查", f"{counted} files vouched for by the ledger"
    )


def check_decision(
    folder: Path, hashes: dict[str, Any], bodies: list[Any], left_out: dict[str, Any], report: Report
) -> None:
    """decision.json and history.json say what the ledger and the vouched-for record say; nothing of the set is missing."""
    shown, history = load(folder, "data/decision.json"), load(folder, "data/history.json")
    decided = told(bodies, "submission.decided")
    last = decided[-1]
    reporter = (shown["reporter"] or {}).get("code")
    if (shown["receipt"], shown["state"], reporter) != (last["receipt"], last["state"], last["reporter"]):
        report.fault("decision.json 与账目里最后的决定不一致", "decision.json is not the decision of the ledger")
    if [one["state"] for one in history] != [body["state"] for body in decided]:
        report.fault("history.json 与账目里的历次决定不一致", "history.json is not what the ledger has")
    wanted = (last.get("record") or {}).get("document")
    names = [path for path, digest in hashes.items() if digest == wanted and path.startswith("data/record/")]
    if not wanted:
        report.note(
            "早期的决定，账目没有为整份记录作保", "an older decision: the ledger does not vouch for its whole record"
        )
        return
    if not names:
        report.fault("缺少最后决定的记录", "the record of the last decision is missing")
        return
    document = load(folder, names[0])
    if rows_of(document) != [
        [row["row"], {key: cell["text"] for key, cell in row["cells"].items()}] for row in shown["rows"]
    ]:
        report.fault("decision.json 里的各行与记录不一致", "rows of decision.json are not those of the record")
    fields = ("code", "severity", "file", "sheet", "cell", "field", "value", "message", "advice")
    if [[one[name] for name in fields] for one in document["problems"]] != [
        [one[name] for name in fields] for one in shown["problems"]
    ]:
        report.fault("decision.json 里的问题与记录不一致", "problems of decision.json are not those of the record")
    here = set(hashes.values()) | set(left_out)
    needed = {*document["mails"], *files_in(document), *(last.get("evidence") or {}).get("pictures", ())}
    for sha in sorted(needed - here):
        report.fault(f"缺少来信、文件或图像：{sha}", f"missing of the set: {sha}")
    report.good(f"决定（{shown['state']}）、各行和问题与有据可查的记录一致", "decision, rows and problems as recorded")


def rows_of(document: dict[str, Any]) -> list[Any]:
    """Number and texts of each row. Many stand behind the record as tables: of each row the table, its number, whether it is
    hidden, and for each column of that table a place in the list of what cells say. Else the workbook has them."""
    reading = (document["sheet"] or {}).get("reading") or {}
    if not ("rows" in reading and document.get("row_tables")):
        return [
            [row["number"], {key: cell["text"] for key, cell in row["cells"].items()}]
            for row in reading.get("rows") or ()
        ]
    told = document["row_tables"][0]
    texts = [one if isinstance(one, str) else one[0] for one in told["said"]]
    keys = [[key for key, _ in columns] for _, columns in told["tables"]]
    return [
        [number, {key: texts[place] for key, place in zip(keys[table], cells, strict=True)}]
        for table, number, _, *cells in told["rows"]
    ]


def files_in(value: Any) -> set[str]:
    """Every SHA-256 of a file that the record names."""
    if isinstance(value, list):
        return {sha for item in value for sha in files_in(item)}
    if isinstance(value, dict):
        own = {
            item for key, item in value.items() if key == "sha256" and isinstance(item, str) and SHA256.fullmatch(item)
        }
        return own | {sha for item in value.values() for sha in files_in(item)}
    return set()


def check_signed(folder: Path, heads: list[Any], report: Report) -> None:
    """What signed heads say is in the chain; the signatures themselves openssl checks (README.zh.txt)."""
    for path in sorted((folder / "data" / "ledger" / "signed").glob("*.json")):
        signed = json.loads(path.read_text(encoding="utf-8"))
        compare(signed["number"], signed["hash"], f"签名存证 {path.name}", f"signed head {path.name}", heads, report)


def check_outside(given: str, heads: list[Any], report: Report) -> None:
    typed = TYPED.fullmatch(given.strip())
    found = [(int(typed[1]), typed[2].lower())] if typed else heads_in(given)
    if not found:
        report.fault(
            f"{given}：既不是 号:存证值，也不是本系统的回复", f"{given}: neither N:HASH nor a letter with a head"
        )
    for number, hash_ in found:
        compare(number, hash_, f"外部存证 {given}", f"head of {given}", heads, report)


def heads_in(path: str) -> list[Any]:
    """Of a letter, also in a mail that forwards or returns it."""
    with Path(path).open("rb") as file:
        message = email.message_from_binary_file(file, policy=email.policy.compat32)
    found = []
    for part in message.walk():
        if re.fullmatch(r"\s*\d{1,18}:[0-9a-f]{64}\s*", str(part.get("X-Baosong-Ledger", ""))):
            number, _, hash_ = str(part["X-Baosong-Ledger"]).strip().partition(":")
            found.append((int(number), hash_))
        data = part.get_payload(decode=True) if part.get_content_maintype() == "text" else None
        if isinstance(data, bytes):
            text = re.sub("<[^>]*>", "", data.decode("utf-8", "replace"))
            found += [(int(number), hash_) for number, hash_ in SHOWN.findall(text)]
    # The line for the eye shows the beginning of what the header has whole.
    whole = [one for one in found if len(one[1]) == 64]
    return sorted(
        {*whole, *(one for one in found if not any(one[0] == w[0] and w[1].startswith(one[1]) for w in whole))}
    )


def compare(number: int, hash_: str, chinese: str, english: str, heads: list[Any], report: Report) -> None:
    for head in heads:
        if head["number"] == number:
            if head["hash"].startswith(hash_):
                report.good(f"{chinese}与账目一致（第{number}号）", f"{english}: the same in this ledger ({number})")
            else:
                report.fault(f"{chinese}与账目矛盾（第{number}号）", f"{english}: contradicts this ledger ({number})")
            return
    if heads[0]["number"] < number < heads[-1]["number"]:
        report.fault(f"{chinese}不在账目里（第{number}号）", f"{english}: not in this ledger ({number})")
    else:
        report.note(
            f"{chinese}（第{number}号）在本包的账目范围之外，无法比对", f"{english} ({number}): outside this bundle"
        )


if __name__ == "__main__":
    sys.exit(main())
