"""The links at the top of every page. A page that is not built, or not for the role, has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.accounts import Role
from web.roles import Roles


@dataclass(frozen=True, kw_only=True)
class Link:
    path: str
    name: str


_ALL = (
    Link(path="/", name="总览"),
    Link(path="/queue", name="待核"),
    Link(path="/tasks", name="待办"),
    Link(path="/search", name="检索"),
    Link(path="/notices", name="通知"),
    Link(path="/register", name="备案名单"),
    Link(path="/blacklist", name="黑名单"),
    Link(path="/audit", name="审计"),
    Link(path="/accounts", name="账号"),
)


_OF_FILINGS = ("/register", "/blacklist")
"""Of use only to a bureau whose notice asks for the ministry's filing numbers."""


def links(pages: Mapping[str, Roles], role: Role, *, filings: bool = True) -> tuple[Link, ...]:
    """Of `pages`: paths that can be opened, and by whom. `filings`: whether a notice asks for filing numbers."""
    hidden = () if filings else _OF_FILINGS
    return tuple(link for link in _ALL if role in pages.get(link.path, ()) and link.path not in hidden)
