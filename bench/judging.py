"""Judge mails by the real pipeline, each case on an empty store of its own: the one place where the bench meets it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from config.settings import load_settings
from domain.mail import Origin
from ingest import jobs, processing
from ingest.app import App, build
from ingest.mailbox import FetchedMail
from ingest.passes import PassReport
from storage import submissions
from storage.blobs import BlobStore
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of one mail. `state` None: no submission. `findings` are code, cell and value for a reader."""

    state: str | None
    codes: frozenset[str]
    row_count: int = 0
    reporter: str | None = None
    findings: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


class Judge:
    """Context manager: the sandbox's children (and the models they load) are shared by all cases."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="baosong-bench-")
        self._root = Path(self._folder.name)
        settings = load_settings(None, environment={})
        self._app = build(settings.model_copy(update={"base": self._root}), pace_sending=False)
        self._cases = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._app.close()
        self._folder.cleanup()

    def case(self, mails: Sequence[tuple[bytes, datetime]]) -> list[Verdict]:
        """Verdicts of the mails of one case (bytes and time of receipt), each given when the next had not yet come."""
        self._cases += 1
        place = self._root / f"case{self._cases}"
        place.mkdir()
        database = Database(f"sqlite:///{place}/baosong.db")
        database.upgrade()
        app = replace(self._app, database=database, blobs=BlobStore(place / "archive"), _sandbox=self._app.sandbox)
        try:
            return [_judged(app, raw, at, uid) for uid, (raw, at) in enumerate(mails, 1)]
        finally:
            database.close()


def _judged(app: App, raw: bytes, received_at: datetime, uid: int) -> Verdict:
    origin = Origin(account="bench", folder="INBOX", uidvalidity=1, uid=uid, received_at=received_at)
    report = PassReport()
    jobs.receive(app, [FetchedMail(origin=origin, raw=raw, size_announced=len(raw))])
    processing.process(app, report)
    if not report.decided:
        return Verdict(state=None, codes=frozenset(), failures=tuple(report.failures))
    receipt = next(iter(report.decided))
    with app.database.read() as tx:
        case = submissions.load(tx, receipt)
    if case is None:
        raise LookupError(receipt)
    return Verdict(
        state=str(case.state),
        codes=frozenset(problem.code for problem in case.problems),
        row_count=case.row_count,
        reporter=case.reporter,
        findings=tuple(f"{p.code} {p.cell or ''} {p.value or ''} | {p.message}" for p in case.problems),
        failures=tuple(report.failures),
    )
