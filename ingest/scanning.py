"""The virus scanner in the work of the jobs: whether it serves, what waits while it does not, and what it found."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ingest.app import App
from ingest.errors import NotScanned, ScannerDown
from ingest.reading import ReadMail
from storage import inbox, quarantine, tasks

log = structlog.get_logger(__name__)

_OUTAGE, _SUBJECT = "scanner_down", "clamav"
_DOWN = "查毒程序没有正常应答，收到的邮件都在等待，没有丢失，也没有办理；恢复后会自动办理。请维护人员检查。"
UNSCANNED = "有一封邮件查毒程序检查不了（多因太大），没有办理，已原样保存。请维护人员调整查毒程序的设置后重新办理。"
_FOUND = "来信查出病毒（{names}）。带病毒的文件没有打开，也不会发给任何人；原信已隔离保存，请不要在办公电脑上打开。"


@dataclass(kw_only=True)
class Watch:
    """Over one pass: once the scanner was found down, no further mail of the pass is begun."""

    app: App
    failures: list[str]
    """Where what the operator must mend is told."""
    down: bool = False

    def serves(self) -> bool:
        """Whether mails can be scanned: asked anew each time, until it is down. An outage is one task, closed when it
        ends; where no mail waits nobody is asked."""
        scanner = self.app.scanner
        if scanner is None:
            self._over()  # there was one, and the operator took it out of the configuration
            return True
        if self.down or not self._wanted():
            return not self.down
        try:
            scanner.check()
        except (ScannerDown, NotScanned) as error:
            self.down = True
            self._note(error)
        else:
            self._over()
        return not self.down

    def _wanted(self) -> bool:
        with self.app.database.read() as tx:
            return inbox.any_waiting(tx)

    def _note(self, error: ScannerDown | NotScanned) -> None:
        self.failures.append(f"{error}; mails wait; `baosong doctor` says what to mend")
        if self._is_known():
            return
        log.error("scanner_down", error=str(error))
        with self.app.database.begin() as tx:
            tasks.add(tx, _OUTAGE, _SUBJECT, _DOWN, at=self.app.clock())

    def _over(self) -> None:
        if self._is_known():
            log.info("scanner_outage_over")
            with self.app.database.begin() as tx:
                tasks.close_kind(tx, _OUTAGE, _SUBJECT, at=self.app.clock())

    def _is_known(self) -> bool:
        with self.app.database.read() as tx:
            return _SUBJECT in tasks.open_subjects(tx, _OUTAGE)


def note(app: App, mail_id: int, read: ReadMail) -> None:
    """Marks the files of a mail in which something was found, and the mail; tells staff. What the scanner
    now finds clean loses its mark: it learns, and it errs. Doing it again changes nothing."""
    if not read.scanned:
        return
    mail, now = read.incoming.mail, app.clock()
    names = ", ".join(dict.fromkeys(one.signature for one in read.infected))
    marks = {one.sha256: one.signature for one in read.infected} | ({mail: names} if names else {})
    clean = {mail, *read.contents} - marks.keys()
    with app.database.read() as tx:
        if not marks and not quarantine.among(tx, clean):
            return
    with app.database.begin() as tx:
        if quarantine.put(tx, mail, marks, at=now):
            log.warning("malware_found", signatures=names)
            tasks.add(tx, "malware", f"mail:{mail_id}", _FOUND.format(names=names), at=now)
        quarantine.lift(tx, mail, clean, at=now)
