"""Notices that staff publish in the console: kept in the database, so that every worker has the same, and looked at before every pass,
job and request, so that none need be started anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import structlog

from config.notices import NoticeError, notices_of_text
from domain.notice import Notice
from ingest import jobs
from ingest.app import App
from ingest.editions import Published
from ingest.errors import Permanent
from storage import notices
from storage.advisory import alone
from storage.notices import Edition

log = structlog.get_logger(__name__)


class Outdated(Permanent):
    """Somebody else published a version, or closed the notice, after this one was made."""


class NotAllowed(Permanent):
    """A notice that cannot be published as it is. The message is Chinese, for who made it."""


def refresh(app: App) -> None:
    """Takes what was published since. One short query where nothing was. Raises Unavailable."""
    if app.apart:
        return
    with app.database.read() as tx:
        newest = notices.newest(tx)
        if newest == app.published.newest:
            return
        standing = notices.standing(tx)
    app.serve(_published(newest, standing, app))
    log.info("notices_taken", version=newest, notices=[notice.id for notice in app.published.notices])


def _published(newest: int, standing: Iterable[Edition], app: App) -> Published:
    files = {notice.series for notice in app.notices} - {notice.series for notice in app.published.notices}
    found: list[Notice] = []
    hidden: list[tuple[str, str]] = []
    for edition in standing:
        if edition.notice in files:
            hidden.append((edition.notice, "a file of the same id goes before it"))
            continue
        try:
            made = notices_of_text(edition.text, edition.notice)
        except NoticeError as error:  # written under other rules than this program has
            log.error("notice_unusable", notice=edition.notice, version=edition.version)
            hidden.append((edition.notice, f"version {edition.version} cannot be used: {error.faults[0]}"))
            continue
        found += [replace(each, closed=edition.closed) for each in made]
    return Published(newest=newest, notices=tuple(found), hidden=tuple(hidden))


def checked(app: App, text: str, *, after: int) -> tuple[Notice, ...]:
    """The notices that a text says, if it may be published as a new notice (`after` 0) or the version behind that one. Raises
    NoticeError with every fault, or NotAllowed."""
    made = notices_of_text(text, "notice")
    series = made[0].series
    published = {each.series for each in app.published.notices}
    others = [each for each in app.notices if each.series != series]
    if any(each.series == series for each in app.notices) and series not in published:
        raise NotAllowed(f"已经有叫“{series}”的通知文件，文件里的通知要在文件里改。请给新的通知另取一个名字（id）。")
    if not after and series in published:
        raise NotAllowed(f"已经有叫“{series}”的通知。请另取一个名字（id），或者去改那一份。")
    for each in made:
        same = next((other for other in others if other.short == each.short), None)
        if same:
            raise NotAllowed(f"回执代号“{each.short}”已经给了《{same.title}》，请换一个（short）。")
        before = next((other for other in app.notices if other.id == each.id), None)
        if before and before.short != each.short:
            raise NotAllowed(f"回执代号已经用了“{before.short}”，发出后不能再改（short）。")
    return made


def publish(app: App, text: str, *, after: int, reason: str, by: str) -> Edition:
    """Puts a version in force, everywhere at once. Raises NoticeError, NotAllowed; Outdated where `after` is not the newest."""
    series = checked(app, text, after=after)[0].series
    app.blobs.put(notices.bytes_of(text))
    with app.database.begin() as tx:
        alone(tx, "notices")
        last = next(iter(notices.editions(tx, series)), None)
        if (last.version if last else 0) != after:
            raise Outdated(f"{series}: version {after} is not the newest")
        edition = notices.publish(tx, series, text, after=after, reason=reason, by=by, at=app.clock())
    refresh(app)
    jobs.seal(app)
    return edition


def close(app: App, series: str, *, reason: str, by: str) -> Edition:
    """Ends a collection. Raises NotFound where it was closed already, or is a file's."""
    with app.database.begin() as tx:
        alone(tx, "notices")
        edition = notices.close(tx, series, reason=reason, by=by, at=app.clock())
    refresh(app)
    jobs.seal(app)
    return edition
