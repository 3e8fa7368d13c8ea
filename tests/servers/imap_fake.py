"""A small IMAP server in threads, and servers that misbehave as real providers do: one class per way of behaving."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from imapclient.imap_utf7 import encode

USERNAME, PASSWORD = "bureau@example.org", "authorization-code"


@dataclass(kw_only=True)
class FakeMail:
    """A mail as stored. `missing` bytes are left out of the next `short_times` fetches of its body."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)
    internaldate: str = "27-Feb-2020 15:40:00 +0800"
    missing: int = 0
    short_times: int = 0


@dataclass(kw_only=True)
class FakeFolder:
    """A folder; `name` is on the wire (modified UTF-7 or worse), `attributes` as LIST gives them."""

    name: bytes
    attributes: str = ""
    uidvalidity: int = 1
    next_uid: int = 1
    mails: list[FakeMail] = field(default_factory=list)

    def add(self, raw: bytes, **more: object) -> FakeMail:
        mail = FakeMail(uid=self.next_uid, raw=raw, **more)  # type: ignore[arg-type]
        self.next_uid += 1
        self.mails.append(mail)
        return mail


class FakeImap:
    """Base: well-behaved, with no extension at all. Context manager; `commands` lists every line clients sent."""

    before_login = b"IMAP4rev1"
    after_login = b"IMAP4rev1"

    def __init__(self) -> None:
        self.folders: dict[bytes, FakeFolder] = {}
        self.commands: list[bytes] = []
        self.logins = 0
        self.inbox = self.folder("INBOX")
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.port = int(self._server.server_address[1])

    def folder(self, name: str | bytes, attributes: str = "") -> FakeFolder:
        wire = name if isinstance(name, bytes) else encode(name)
        return self.folders.setdefault(wire, FakeFolder(name=wire, attributes=attributes))

    def asked(self, word: bytes) -> list[bytes]:
        return [line for line in self.commands if word in line]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    # What subclasses bend. Each returns None, or the text of a refusal.
    def refuse_login(self, user: str, password: str) -> bytes | None:
        return None if (user, password) == (USERNAME, PASSWORD) else b"LOGIN failed"

    def refuse_select(self, *, identified: bool) -> bytes | None:
        return None

    def refuse_create(self, name: bytes) -> bytes | None:
        return None

    def search(self, folder: FakeFolder, criteria: bytes) -> list[int]:
        if match := re.fullmatch(rb"UID (\d+):\*", criteria):
            return _from(folder, int(match[1]))
        if criteria == b"DELETED":
            return [mail.uid for mail in folder.mails if "\\Deleted" in mail.flags]
        raise AssertionError(f"not a search the mailbox may use: {criteria!r}")


class FakeQQ(FakeImap):
    """QQ Mail: capabilities only after log-in and few; text SEARCH matches everything; fresh log-ins closer than
    `login_gap` seconds refused, in GBK; own folders only below a \\NoSelect parent."""

    before_login = b"IMAP4rev1"
    after_login = b"IMAP4rev1 ID"
    parent = "其他文件夹"

    def __init__(self, *, login_gap: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.folder("Junk", "\\HasNoChildren \\Junk")
        self.folder("Sent Messages", "\\HasNoChildren \\Sent")
        self.folder(self.parent, "\\NoSelect \\HasChildren")
        self._login_gap = login_gap
        self._clock = clock
        self._last_login = float("-inf")

    def refuse_login(self, user: str, password: str) -> bytes | None:
        now, last = self._clock(), self._last_login
        self._last_login = now
        if now - last < self._login_gap:
            return "登录频率过高，请稍后再试".encode("gb18030")
        return super().refuse_login(user, password)

    def refuse_create(self, name: bytes) -> bytes | None:
        return None if name.startswith(encode(self.parent) + b"/") else "不能在此创建".encode("gb18030")

    def search(self, folder: FakeFolder, criteria: bytes) -> list[int]:
        if re.fullmatch(rb"UID \d+:\*", criteria):
            return super().search(folder, criteria)
        return [mail.uid for mail in folder.mails]


class FakeNetEase(FakeImap):
    """163/126: SELECT is "Unsafe Login" unless ID came first; refused once, the connection is closed."""

    before_login = b"IMAP4rev1 XLIST SPECIAL-USE ID"
    after_login = b"IMAP4rev1 XLIST SPECIAL-USE ID"

    def refuse_select(self, *, identified: bool) -> bytes | None:
        return None if identified else b"SELECT Unsafe Login. Please contact kefu@188.com for help"


class FakeRefusingOne(FakeImap):
    """Answers NO to any FETCH of bodies that includes one bad mail (seen where a mail is damaged on the server)."""

    bad_uid = 0


class FakeWithholdingOne(FakeImap):
    """Lists one mail, says OK to its fetch, and sends nothing."""

    bad_uid = 0


class FakeForgetful(FakeImap):
    """Says OK to the first question about flags, and tells nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.flags_asked = 0


class FakeBreakingOne(FakeImap):
    """Drops the connection whenever the body of one mail is asked for."""

    bad_uid = 0


class FakeTrickle(FakeImap):
    """Sends a body a byte at a time, for ever: no silence that a time-out could notice."""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    fake: FakeImap

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    wbufsize = -1

    def handle(self) -> None:
        self.fake = self.server.fake
        self.selected: FakeFolder | None = None
        self.identified = False
        self.in_session = False
        self._say(b"* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.strip().partition(b" ")
            self.fake.commands.append(rest)
            if not self._answer(tag, rest):
                return

    def _answer(self, tag: bytes, rest: bytes) -> bool:
        verb = rest.upper().split(b" ")[0]
        if verb == b"UID":
            verb = b"UID_" + rest.upper().split(b" ")[1]
        action = getattr(self, f"do_{verb.decode('ascii').lower()}")
        outcome: bytes | None = action(rest)
        if outcome is None:
            self._say(tag + b" OK done")
        else:
            self._say(tag + b" NO " + outcome)
        return verb != b"LOGOUT"

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")
        self.wfile.flush()

    def do_capability(self, rest: bytes) -> None:
        self._say(b"* CAPABILITY " + (self.fake.after_login if self.in_session else self.fake.before_login))

    def do_login(self, rest: bytes) -> bytes | None:
        user, password = (word.strip(b'"').decode("ascii") for word in rest.split(b" ")[1:3])
        self.fake.logins += 1
        refusal = self.fake.refuse_login(user, password)
        self.in_session = refusal is None
        return refusal

    def do_id(self, rest: bytes) -> None:
        self.identified = True
        self._say(b'* ID ("name" "fake")')

    def do_noop(self, rest: bytes) -> None:
        return None

    def do_logout(self, rest: bytes) -> None:
        self._say(b"* BYE")

    def do_list(self, rest: bytes) -> None:
        for folder in self.fake.folders.values():
            self._say(b'* LIST (%s) "/" "%s"' % (folder.attributes.encode(), folder.name))

    def do_create(self, rest: bytes) -> bytes | None:
        name = rest.split(b" ", 1)[1].strip(b'"')
        refusal = self.fake.refuse_create(name)
        if refusal is None:
            self.fake.folder(name)
        return refusal

    def do_select(self, rest: bytes) -> bytes | None:
        folder = self.fake.folders.get(rest.split(b" ", 1)[1].strip(b'"'))
        if folder is None or "NoSelect" in folder.attributes:
            return b"no such folder"
        refusal = self.fake.refuse_select(identified=self.identified)
        if refusal is None:
            self.selected = folder
            self._say(b"* %d EXISTS" % len(folder.mails))
            self._say(b"* OK [UIDVALIDITY %d] ok" % folder.uidvalidity)
        return refusal

    def do_uid_search(self, rest: bytes) -> None:
        found = self.fake.search(self._folder, rest.split(b" ", 2)[2])
        self._say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in found))

    def do_uid_fetch(self, rest: bytes) -> bytes | None:
        uids = _numbers(rest.split(b" ")[2])
        bodies = b"BODY.PEEK[]" in rest
        if bodies and isinstance(self.fake, FakeRefusingOne) and self.fake.bad_uid in uids:
            return b"Some messages could not be FETCHed"
        if bodies and isinstance(self.fake, FakeBreakingOne) and self.fake.bad_uid in uids:
            raise ConnectionAbortedError
        if isinstance(self.fake, FakeForgetful) and rest.endswith(b"(FLAGS)"):
            self.fake.flags_asked += 1
            if self.fake.flags_asked == 1:
                return None
        for position, mail in enumerate(self._folder.mails, 1):
            withheld = bodies and isinstance(self.fake, FakeWithholdingOne) and self.fake.bad_uid == mail.uid
            if mail.uid in uids and not withheld:
                self._fetched(position, mail, rest)
        return None

    def do_fetch(self, rest: bytes) -> None:
        positions = _numbers(rest.split(b" ")[1])
        for position, mail in enumerate(self._folder.mails, 1):
            if position in positions:
                self._fetched(position, mail, rest)

    def do_uid_store(self, rest: bytes) -> None:
        _, _, uid, _, flag = rest.split(b" ", 4)
        for mail in self._folder.mails:
            if mail.uid == int(uid):
                mail.flags.add(flag.strip(b"()").decode())

    def do_uid_copy(self, rest: bytes) -> bytes | None:
        uid, name = rest.split(b" ", 3)[2:]
        target = self.fake.folders.get(name.strip(b'"'))
        if target is None:
            return b"[TRYCREATE] no such folder"
        for mail in [mail for mail in self._folder.mails if mail.uid == int(uid)]:
            target.add(mail.raw, flags=set(mail.flags))
        return None

    def do_expunge(self, rest: bytes) -> None:
        self._folder.mails = [mail for mail in self._folder.mails if "\\Deleted" not in mail.flags]

    @property
    def _folder(self) -> FakeFolder:
        assert self.selected is not None, "a command that needs a selected folder"
        return self.selected

    def _fetched(self, position: int, mail: FakeMail, rest: bytes) -> None:
        head = b"* %d FETCH (UID %d FLAGS (%s) " % (position, mail.uid, " ".join(sorted(mail.flags)).encode())
        if b"RFC822.SIZE" in rest:
            self._say(head + b'RFC822.SIZE %d INTERNALDATE "%s")' % (len(mail.raw), mail.internaldate.encode()))
        elif b"BODY.PEEK[" in rest:
            body, section = self._section(mail, rest)
            self.wfile.write(head + b"BODY[%s] {%d}\r\n" % (section, len(body)))
            if isinstance(self.fake, FakeTrickle):
                self._trickle()
            self._say(body + b")")
        else:
            self._say(head.rstrip() + b")")

    def _section(self, mail: FakeMail, rest: bytes) -> tuple[bytes, bytes]:
        header = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        if b"BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]" in rest:
            lines = [line for line in header.split(b"\r\n") if line.lower().startswith(b"message-id:")]
            return b"\r\n".join([*lines, b"", b""]), b"HEADER.FIELDS (MESSAGE-ID)"
        if b"BODY.PEEK[HEADER]" in rest:
            return header, b"HEADER"
        if mail.short_times:
            mail.short_times -= 1
            return mail.raw[: len(mail.raw) - mail.missing], b""
        return mail.raw, b""

    def _trickle(self) -> None:
        while True:
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.02)


def _from(folder: FakeFolder, first: int) -> list[int]:
    """UIDs of `first:*`, which RFC 3501 lets include the last mail even past the end."""
    uids = [mail.uid for mail in folder.mails]
    return [uid for uid in uids if uid >= first] or uids[-1:]


def _numbers(sequence: bytes) -> Sequence[int]:
    found: list[int] = []
    for piece in sequence.split(b","):
        first, _, last = piece.partition(b":")
        found.extend(range(int(first), int(last or first) + 1))
    return found
