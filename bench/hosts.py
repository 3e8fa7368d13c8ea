"""Cut and kill each host in turn, under load: `python -m bench.hosts [--each 3] [--seconds 25]`. Root, and Debian's iproute2.

Network namespaces are hosts on one switch: PostgreSQL on one, the object store on one, the mail provider on one, two machines that run
`baosong run` and two that run `baosong worker`. Before each fault mails arrive; then a host's cable is pulled for so many seconds, or its
processes are killed and started anew. In the end every mail must have been decided once and answered once, nothing may wait, and `baosong
audit verify` must find all as recorded. Letters that went out twice (their bytes the same) are counted: an SMTP server that is cut off in
the middle cannot say whether it took one. Exit status 1 otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.arguments import positive
from bench.hosts_network import ADDRESS, MACHINES, ROOT, SERVERS, Host, network

_PATIENCE = 600.0
_IMAP, _SMTP, _S3, _PG = 1143, 1025, 1333, 5432


@dataclass(kw_only=True)
class Province:
    """The whole set-up at work."""

    folder: Path
    hosts: dict[str, Host]
    mail: subprocess.Popen[str]
    store: subprocess.Popen[str]
    database: subprocess.Popen[str]
    delivered: list[str] = field(default_factory=list)
    """SHA-256 of each mail."""
    running: dict[str, subprocess.Popen[str]] = field(default_factory=dict)

    def work(self, name: str) -> None:
        """A machine begins."""
        command = "run" if name.startswith("lead") else "worker"
        log = (self.folder / f"{name}.log").open("a", encoding="utf-8")
        self.running[name] = self.hosts[name].start(
            *self.baosong(command, "--config", self.folder / f"{name}.toml"), stderr=log
        )

    @staticmethod
    def baosong(*arguments: object) -> list[object]:
        return [sys.executable, "-c", "import sys; from cli.main import main; main(sys.argv[1:])", *arguments]

    def ask(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """A command on the first machine."""
        command = [
            "ip",
            "netns",
            "exec",
            self.hosts["lead1"].space,
            *map(str, self.baosong(*arguments)),
            "--config",
            str(self.folder / "lead1.toml"),
        ]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def deliver(self, samples: Sequence[bytes], count: int) -> None:
        for _ in range(count):
            number = len(self.delivered)
            raw = b"X-Copy: %d\r\n" % number + samples[number % len(samples)]
            path = self.folder / "next.eml"
            path.write_bytes(raw)
            _tell(self.mail, str(path))
            self.delivered.append(hashlib.sha256(raw).hexdigest())

    def counts(self) -> Counter[str]:
        """Status of every mail, by the database itself."""
        return Counter(status for status, _ in self.query("SELECT status, sha256 FROM mails"))

    def query(self, statement: str) -> list[tuple[str, ...]]:
        host = f"{self.folder}/db"
        command = ["psql", "-h", host, "-U", "postgres", "-d", "baosong", "-AtF", "\t", "-c", statement]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def letters(self) -> Counter[str]:
        """Message-ID of every letter that the provider took."""
        found = (
            re.search(rb"^Message-ID:\s*(<\S+>)", path.read_bytes(), re.M | re.I)
            for path in sorted((self.folder / "mail" / "letters").glob("*.eml"))
        )
        return Counter(each[1].decode() for each in found if each)


def _tell(process: subprocess.Popen[str], line: str) -> str:
    assert process.stdin and process.stdout
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline()


def _serves(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout
    words = process.stdout.readline().split()
    assert words[:1] == ["serves"], words
    return words[1:]


def begun(folder: Path, hosts: dict[str, Host]) -> Province:
    """Servers, relays, configurations, database, machines."""
    for name in SERVERS:
        (folder / name).mkdir()
    database, store, mail = (
        hosts["db"].inside("database", folder / "db"),
        hosts["store"].inside("store", folder / "store"),
        hosts["mail"].inside("mail", folder / "mail"),
    )
    _serves(database)
    [s3, keys] = _serves(store)
    [imap, smtp, user, password] = _serves(mail)
    relays = {
        "db": [f"{ADDRESS['db']}:{_PG}=127.0.0.1:5432"],
        "store": [f"{ADDRESS['store']}:{_S3}=127.0.0.1:{s3}"],
        "mail": [f"{ADDRESS['mail']}:{_IMAP}=127.0.0.1:{imap}", f"{ADDRESS['mail']}:{_SMTP}=127.0.0.1:{smtp}"],
    }
    own = [
        f"127.0.0.1:{port}={ADDRESS[host]}:{port}" for port, host in ((_IMAP, "mail"), (_SMTP, "mail"), (_S3, "store"))
    ]
    for name, host in hosts.items():
        _serves(host.inside("relay", folder, *relays.get(name, own)))
    subprocess.run(
        [
            "psql",
            "-h",
            str(folder / "db"),
            "-U",
            "postgres",
            "-c",
            "CREATE DATABASE baosong ENCODING 'UTF8' TEMPLATE template0",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for name in MACHINES:
        text = _configuration(user, password, keys, folder / f"{name}-tasks")
        (folder / f"{name}.toml").write_text(text, "utf-8")
    made = Province(folder=folder, hosts=hosts, mail=mail, store=store, database=database)
    assert made.ask("db", "upgrade").returncode == 0
    return made


def _configuration(user: str, password: str, keys: str, workspace: Path) -> str:
    """Every server is found on the machine's own loopback but the database, which needs no TLS to be spoken with."""
    return f"""[mailbox]
url = "imap://{user.replace("@", "%40")}@127.0.0.1:{_IMAP}/INBOX"
password = "{password}"
poll_seconds = 2
login_seconds = 0
[smtp]
url = "smtp://{user.replace("@", "%40")}@127.0.0.1:{_SMTP}"
password = "{password}"
per_minute = 6000
sender = "Bureau <{user}>"
[storage]
database = "postgresql+psycopg://postgres@{ADDRESS["db"]}:{_PG}/baosong"
archive = "s3://baosong/province"
[s3]
endpoint = "http://127.0.0.1:{_S3}"
credentials = "{keys}"
workspace = "{workspace}"
"""


def faults(province: Province, seconds: float) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each host cut off in turn, then each killed in turn."""
    for name in ADDRESS:

        def cut(name: str = name) -> None:
            with province.hosts[name].cut_off():
                time.sleep(seconds)

        yield f"{name} cut off for {seconds:.0f} s", cut
    for name in MACHINES:

        def kill(name: str = name) -> None:
            province.hosts[name].kill(province.running[name])
            time.sleep(5)
            province.work(name)

        yield f"{name} killed, started 5 s later", kill

    def killed(server: subprocess.Popen[str]) -> None:
        _tell(server, "kill")
        time.sleep(seconds)
        _tell(server, "start")

    yield f"store killed, started {seconds:.0f} s later", lambda: killed(province.store)
    yield f"database killed, started {seconds:.0f} s later", lambda: killed(province.database)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=positive, default=3, help="mails that arrive before each fault (default 3)")
    parser.add_argument("--seconds", type=float, default=25, help="how long a cable is pulled (default 25)")
    options = parser.parse_args()
    samples = [path.read_bytes() for path in sorted((ROOT / "samples" / "mails").glob("*.eml"))]
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="baosong-hosts-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o755)
        province = begun(folder, stack.enter_context(network()))
        for name in MACHINES:
            province.work(name)
        for told, strike in faults(province, options.seconds):
            province.deliver(samples, options.each)
            time.sleep(3)
            strike()
            print(f"{told}: {dict(province.counts())}", flush=True)
        return _told(province)


def _told(province: Province) -> int:
    begun_at = time.monotonic()
    while not _finished(province) and time.monotonic() - begun_at < _PATIENCE:
        time.sleep(3)
    wrong = list(_wrong(province))
    letters = province.letters()
    twice, took = sum(count - 1 for count in letters.values()), time.monotonic() - begun_at
    print(
        f"{len(province.delivered)} mails, {len(letters)} letters, {twice} of them twice; all done {took:.0f} s after the last fault"
    )
    for each in wrong:
        print(f"  {each}")
    return int(bool(wrong))


def _finished(province: Province) -> bool:
    waiting = province.query("SELECT count(*), 0 FROM outbox WHERE status = 'waiting'")[0][0]
    return province.counts()["done"] == len(province.delivered) and waiting == "0"


def _wrong(province: Province) -> Iterator[str]:
    known = {sha256 for _, sha256 in province.query("SELECT status, sha256 FROM mails WHERE status = 'done'")}
    yield from (f"lost: mail {sha256}" for sha256 in province.delivered if sha256 not in known)
    decided = Counter(
        row[0] for row in province.query("SELECT subject, kind FROM ledger_entries WHERE kind = 'mail.settled'")
    )
    yield from (f"settled {count} times: {subject}" for subject, count in decided.items() if count > 1)
    sent = {row[0] for row in province.query("SELECT message_id, status FROM outbox WHERE status = 'sent'")}
    letters = province.letters()
    yield from (f"noted as sent, and not there: {each}" for each in sent - set(letters))
    yield from (f"sent, and not noted: {each}" for each in set(letters) - sent)
    for kind, count in province.query(
        "SELECT kind, count(*) FROM tasks WHERE closed_at IS NULL AND kind IN ('held', 'reply_failed', 'not_filed') GROUP BY kind"
    ):
        yield f"{count} open tasks {kind}"
    audit = province.ask("audit", "verify", "--json")
    if audit.returncode:
        yield f"audit: {json.loads(audit.stdout)['faults'][:5] if audit.stdout else audit.stderr[-500:]}"


if __name__ == "__main__":
    sys.exit(main())
