"""Whose a mail domain is: the part that somebody registered, by the Public Suffix List, and providers that are everybody's."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList

FREEMAIL = frozenset(
    (
        *("qq.com", "vip.qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "vip.163.com", "vip.126.com"),
        *("188.com", "139.com", "189.cn", "wo.cn", "sina.com", "sina.cn", "vip.sina.com", "sohu.com", "21cn.com"),
        *("tom.com", "aliyun.com", "263.net", "outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com"),
        *("gmail.com", "yahoo.com", "icloud.com", "me.com"),
    )
)
"""Providers where anyone may open a mailbox: a shared domain proves nothing about who owns the other address."""


def registrable_domain(address: str) -> str | None:
    """The part of an address's domain, or of a domain, that somebody registered (`x@mail.py.edu.cn` → `py.edu.cn`), by the
    PSL; None for what nobody can register (`edu.cn`)."""
    domain = address.rpartition("@")[2].lower().rstrip(".")
    return _suffixes().privatesuffix(domain) if domain else None


def budget_domain(address: str) -> str:
    """The domain that letters to an address count against; "" for freemail, which is everybody's, and where there is none."""
    domain = registrable_domain(address) or ""
    return "" if domain in FREEMAIL else domain


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
