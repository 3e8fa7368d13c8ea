"""The world of one worker, or of several: a Dovecot behind a proxy, an SMTP sink, a disk of its own that can be filled, a clock; where
asked for, a PostgreSQL server and an object store, each behind a proxy too."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.faults.archives import Folder, KeptMails, ObjectStore, bucket
from bench.faults.database_server import DatabaseServer, database_server
from bench.faults.imap_proxy import ImapProxy
from bench.faults.mails import Made
from bench.faults.records import Records
from bench.faults.rules import RuleBook
from bench.faults.sink import Sink
from bench.faults.small_disk import small_disk
from bench.faults.workers import ROOT, Run, Workers
from bench.faults.zygote import UNFORESEEN, Order
from config.notices import SHIPPED
from tests.servers.account import Account
from tests.servers.dovecot import dovecot

DONE, SENT = "已处理", "Sent Messages"
DISK_MB = 256
_PASS_SECONDS = 300.0
"""A worker that takes longer hangs."""
_GRACE = "grace_hours: 100000"
"""The harness moves the clock by days: no waiting case may run out of its time meanwhile."""


@dataclass(kw_only=True)
class World:
    """`delivered` and `sink.accepted` are the truth that the audit holds the records against."""

    folder: Path
    account: Account
    imap: RuleBook
    smtp: RuleBook
    sink: Sink
    workers: Workers
    records: Records
    doveadm: list[str]
    archive: KeptMails
    own_disk: bool
    """Whether the data lie on a disk of their own, which can be filled."""
    server: DatabaseServer | None = None
    objects: ObjectStore | None = None
    delivered: list[Made] = field(default_factory=list)
    current: Run | None = None
    hung: list[int] = field(default_factory=list)
    unforeseen: list[str] = field(default_factory=list)
    met: bool = True
    """Whether the last fault came about: the command it waited for may not have been given."""
    after_run: Callable[[], object] = bool
    """Called after every run of a worker."""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def archive_folder(self) -> Path:
        return self.data / "archive"

    @property
    def stores(self) -> tuple[str, str]:
        """What database and archive are."""
        return ("postgresql" if self.server else "sqlite"), ("s3" if self.objects else "folder")

    @property
    def log(self) -> Path:
        return self.folder / "worker.log"

    def deliver(self, mail: Made) -> None:
        """The provider takes a mail in."""
        for _ in range(mail.copies):
            self.account.append(mail.raw, folder=mail.folder, received_at=self.now())
        self.delivered.append(mail)

    def now(self) -> datetime:
        """By the worker's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    @property
    def ahead(self) -> float:
        return float((self.folder / "clock").read_text("ascii"))

    def turn_clock(self, ahead: float) -> None:
        aside = self.folder / "clock.new"
        aside.write_text(repr(ahead), "ascii")
        aside.replace(self.folder / "clock")

    def start(self, **more: object) -> Run:
        names = {"config": str(self.folder / "baosong.toml"), "clock": str(self.folder / "clock"), "log": str(self.log)}
        order = Order(**(names | {"temporary": str(self.data / "tmp")} | more))  # type: ignore[arg-type]
        self.sink.run += 1
        self.current = self.workers.start(order)
        return self.current

    def finish(self, seconds: float = _PASS_SECONDS, *, mended: Callable[[], object] = bool) -> Run:
        """Waits for the worker that was started last; one that hangs is noted and killed. `mended` is called once it is gone, before
        anything is asked of the records."""
        assert self.current
        return self.ended(self.current, seconds, mended=mended)

    def ended(self, run: Run, seconds: float = _PASS_SECONDS, *, mended: Callable[[], object] = bool) -> Run:
        """The same with any of several."""
        try:
            if not self.workers.wait(run, seconds):
                self.hung.append(run.number)
                self.workers.end(run)
        finally:
            for book in (self.imap, self.smtp, *([self.server.book] if self.server else [])):
                book.settled()
            mended()
        if run.status == UNFORESEEN:
            self.unforeseen.append(f"run {run.number}: {self._last_words()}")
        self.after_run()
        return run

    def kill(self) -> None:
        if self.current:
            self.current.kill()

    def passed(self, *, mended: Callable[[], object] = bool, **more: object) -> Run:
        """One pass, to its end (`finish`). The code is put into its file anew before it: else a pass after a refused log-in would leave the
        mailbox alone, and no fault would come about."""
        (self.folder / _CODE).touch()
        self.start(**more)
        return self.finish(mended=mended)

    def rival(self) -> int:
        """`baosong run --once` from a shell, beside the worker. → its exit status."""
        arguments = ["--config", str(self.folder / "baosong.toml"), "run", "--once"]
        command = [sys.executable, "-c", "import sys; from cli.main import main; main(sys.argv[1:])", *arguments]
        with self.log.open("ab") as log:
            return subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False).returncode

    def new_uidvalidity(self, folder: str = "INBOX") -> None:
        """What providers do after a move or a repair."""
        box = self.account.username
        query = [*self.doveadm, "mailbox", "status", "-u", box, "uidvalidity", folder]
        told = subprocess.run(query, capture_output=True, text=True, check=True).stdout
        value = int(told.strip().rpartition("=")[2]) + 1
        change = [*self.doveadm, "mailbox", "update", "-u", box, "--uid-validity", str(value), folder]
        subprocess.run(change, check=True, capture_output=True)

    def _last_words(self) -> str:
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-12:])


_CODE = "code"
"""The file with the code of the mailbox."""


@contextmanager
def world(database: str = "sqlite", archive: str = "folder") -> Iterator[World]:
    """`database`: sqlite or postgresql; `archive`: folder or s3. Servers are the world's own."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="baosong-faults-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        data = folder / "data"
        data.mkdir(mode=0o700)
        own_disk = stack.enter_context(small_disk(data, DISK_MB))
        (data / "tmp").mkdir()
        account, certificate = stack.enter_context(dovecot())
        account.create(SENT)
        books = RuleBook(), RuleBook()
        proxy = stack.enter_context(ImapProxy(account.port, books[0]))
        sink = stack.enter_context(Sink(books[1]))
        server = stack.enter_context(database_server(folder, RuleBook())) if database == "postgresql" else None
        objects = stack.enter_context(bucket(folder / "store")) if archive == "s3" else None
        _configure(folder, account, proxy.port, sink.port)
        _configure_stores(folder, server, objects)
        made = World(
            folder=folder,
            account=account,
            imap=books[0],
            smtp=books[1],
            sink=sink,
            workers=stack.enter_context(Workers(folder / "zygote.log", (database, archive))),
            records=Records(data / "baosong.db", server.straight if server else None),
            archive=objects or Folder(folder=data / "archive"),
            own_disk=own_disk,
            server=server,
            objects=objects,
            doveadm=["doveadm", "-c", str(certificate.certificate.with_name("dovecot.conf"))],
        )
        made.turn_clock(0.0)
        yield made


def _configure(folder: Path, account: Account, imap: int, smtp: int) -> None:
    user = account.username.replace("@", "%40")
    (folder / _CODE).write_text(account.password, "utf-8")
    (folder / "notices").mkdir()
    for notice in SHIPPED.glob("puyang-2020-51.yaml"):
        text = notice.read_text("utf-8").replace("grace_hours: 48", _GRACE)
        assert _GRACE in text
        (folder / "notices" / notice.name).write_text(text, "utf-8")
    (folder / "baosong.toml").write_text(
        f"""[mailbox]
url = "imap://{user}@127.0.0.1:{imap}/INBOX"
password_file = "{_CODE}"
poll_seconds = 1
login_seconds = 0
[smtp]
url = "smtp://{user}@127.0.0.1:{smtp}"
per_minute = 6000
sender = "Bureau <{account.username}>"
[notices]
directory = "notices"
[limits]
free_bytes = "4 KB"
mails_per_sender_per_hour = 0
""",
        "utf-8",
    )


def _configure_stores(folder: Path, server: DatabaseServer | None, objects: ObjectStore | None) -> None:
    """The object store is given up sooner than by default: a pass that meets one that is away shall not take minutes."""
    lines = ["[storage]"]
    if server:
        lines.append(f'database = "{server.url}"')
    if objects:
        lines += [
            f'archive = "{objects.url}"',
            "[s3]",
            f'endpoint = "{objects.between.endpoint}"',
            f'credentials = "{objects.store.credentials}"',
            "attempts = 2",
            "seconds = 10",
        ]
    with (folder / "baosong.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
