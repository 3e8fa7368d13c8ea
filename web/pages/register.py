"""The ministry's list of filed apps: its versions, what stands in the one in force, what differs, and taking a new one."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import PurePath
from typing import Annotated

import structlog
from fastapi import Form, HTTPException, Request, Response
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse

from domain.register import Found, ListFailure, ReadList, Register
from domain.register_changes import Changes, changes
from ingest.blacklisting import today
from ingest.child import ChildFailed
from ingest.importing import read_list, take
from storage import registers
from storage.database import Transaction
from storage.registers import Version
from web.case_wording import who
from web.guard import Pages, sent_file, sent_text, visitor_of
from web.render import page
from web.roles import DECIDERS, EVERYBODY
from web.security import LARGEST_FILE
from web.state import Console, console_of
from web.uploads import Upload

log = structlog.get_logger(__name__)
pages = Pages()
_LONGEST = 100
_SHOWN = 200
"""Differences of a kind that a page lists; their number is told."""
_SAMPLE, _REFUSED = 5, 50
_NO_FILE = "请选择名单文件。"
_NO_DAY = "请填写名单的日期，如2020-02-20。它是名单自己的日期，不是上传的日期。"
_AHEAD = "名单的日期不能晚于今天。"
_TOO_LARGE = f"文件太大，最多{LARGEST_FILE // 1024 // 1024} MB。请只留下名单那一张表再传。"
_NOT_READ = "这个文件读不下去，没有收下。请用WPS或Excel另存为.xlsx再传。"
_GONE = "没有等待确认的名单：它已经收下，或者上传超过了半小时，或者之后又传了别的文件。收下的都列在下面。"
_DISK = "这份名单没有收下：存档写不进去。请联系运维人员。"


@pages.get("/register", may=EVERYBODY)
def show(request: Request, q: Annotated[str, Asked(max_length=_LONGEST)] = "", done: int = 0) -> Response:
    """`q`: what to look for in the version in force. `done`: the version that was taken just now."""
    return _page(request, q=q.strip(), done=done)


@pages.get("/register/changes", may=EVERYBODY)
def differences(request: Request, old: int = 0, new: int = 0) -> Response:
    """Between two versions; without any, between the two newest."""
    with console_of(request).app.database.read() as tx:
        known = registers.versions(tx)
        if not old and not new and len(known) > 1:
            old, new = known[1].version, known[0].version
        by_number = {each.version: each for each in known}
        if {old, new} - {0} - by_number.keys() or bool(old) != bool(new):
            raise HTTPException(404)
        found = _between(tx, by_number[old], by_number[new]) if old else None
    return page(
        request,
        "register_changes.html",
        visitor=visitor_of(request),
        versions=known,
        old=by_number.get(old),
        new=by_number.get(new),
        found=found,
        most=_SHOWN,
    )


@pages.upload("/register/upload", may=DECIDERS)
def upload(request: Request) -> Response:
    """Reads a list in the sandbox, and leads to what was understood; nothing is taken yet."""
    console, visitor = console_of(request), visitor_of(request)
    given, data = sent_file(request, "list")
    name = PurePath(given.replace("\\", "/")).name[:_LONGEST]
    dated, wrong = _day(console, sent_text(request, "dated"))
    if not data:
        wrong = _NO_FILE
    elif len(data) > LARGEST_FILE:
        wrong = _TOO_LARGE
    if wrong or dated is None:
        return _page(request, wrong=wrong, status=422)
    read = _read(console, data, name)
    if not isinstance(read, ReadList):
        return _page(request, wrong=f"“{name}”没有收下。{read.told}" if read else _NOT_READ, status=422)
    upload = Upload(name=name, data=data, read=read, dated=dated, by=visitor.who, at=console.now())
    return RedirectResponse(f"/register/sent?key={console.uploads.keep(upload)}", 303)


@pages.get("/register/sent", may=DECIDERS)
def sent(request: Request, key: str = "") -> Response:
    """What was understood of the file that was sent."""
    console = console_of(request)
    upload = console.uploads.find(key, visitor_of(request).who, console.now())
    return _preview(request, upload, key) if upload else _page(request, wrong=_GONE)


@pages.post("/register/take", may=DECIDERS)
def confirm(request: Request, key: Annotated[str, Form()] = "") -> Response:
    """Takes what was shown. Its entry in the ledger is `register.imported`."""
    console, visitor = console_of(request), visitor_of(request)
    upload = console.uploads.take(key, visitor.who, console.now())
    if upload is None:
        return _page(request, wrong=_GONE, status=409)
    try:
        done = take(console.app, upload.data, upload.read, dated=upload.dated, by=visitor.who)
    except OSError as error:
        log.error("list_not_kept", error=type(error).__name__)
        return _page(request, wrong=_DISK, status=503)
    return RedirectResponse(f"/register?done={done.version.version}", 303)


def _day(console: Console, text: str) -> tuple[date | None, str]:
    """→ the day, and what is wrong with it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, _NO_DAY
    return day, _AHEAD if day > today(console.app) else ""


def _read(console: Console, data: bytes, name: str) -> ReadList | ListFailure | None:
    """None where the reader itself failed: whoever made such a file, it is not for the page to say how."""
    try:
        return read_list(console.app, data, name)
    except ChildFailed as failure:
        log.warning("list_not_read", reason=failure.reason)
        return None


def _page(request: Request, *, q: str = "", done: int = 0, wrong: str = "", status: int = 200) -> Response:
    console = console_of(request)
    day = today(console.app)
    with console.app.database.read() as tx:
        versions, now = registers.versions(tx), registers.in_force(tx, day)
        register = console.app.lists.on(tx, day).register if q else None
    visitor = visitor_of(request)
    return page(
        request,
        "register.html",
        visitor=visitor,
        status=status,
        versions=versions,
        now=now,
        q=q,
        found=_found(register, q),
        taken=next((each for each in versions if each.version == done), None),
        wrong=wrong,
        day=day,
        takes=visitor.role in DECIDERS,
        most_mb=LARGEST_FILE // 1024 // 1024,
        who=who,
        zone=console.app.settings.staff.zone,
    )


def _found(register: Register | None, q: str) -> tuple[Found, ...]:
    return register.search(q) if register else ()


def _preview(request: Request, upload: Upload, key: str) -> Response:
    """What was understood of the file, beside the version in force; `same`: the version that this very file is already."""
    console = console_of(request)
    sha256 = hashlib.sha256(upload.data).hexdigest()
    with console.app.database.read() as tx:
        known, now = registers.versions(tx), registers.in_force(tx, today(console.app))
        before = registers.load(tx, now) if now else None
    return page(
        request,
        "register_preview.html",
        visitor=visitor_of(request),
        upload=upload,
        key=key,
        same=next((each for each in known if (each.sha256, each.dated) == (sha256, upload.dated)), None),
        now=now,
        found=changes(before.entries, upload.read.entries) if before else None,
        sample=upload.read.entries[:_SAMPLE],
        refused=upload.read.unread[:_REFUSED],
    )


def _between(tx: Transaction, old: Version, new: Version) -> Changes:
    return changes(registers.load(tx, old).entries, registers.load(tx, new).entries)
