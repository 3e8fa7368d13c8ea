"""The layers of the configuration: what the file says, and what the environment lays over it, key by key.

`[mailbox]` is short for `[mailboxes.main]`, and what stands in `[smtp]` itself for `[smtp.main]`. Each layer may use
either form; both are made one before the layers meet, so that neither hides the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PREFIX = "BAOSONG_"
_OTHERS = ("BAOSONG_CONFIG",)
"""Ours, and no key of the file: which file it is."""
_SERVICE_LINK = re.compile(
    r"BAOSONG(?:_[A-Z0-9]+)*_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9]+)*|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
    r"=.*|BAOSONG(?:_[A-Z0-9]+)*_PORT=(?:tcp|udp|sctp)://.*",
    re.DOTALL,
)
"""What Kubernetes sets in every container for a service called baosong, or baosong-web: nobody's mistake."""
_ACCOUNTS = ("mailboxes", "smtp")
_SINGLE = ("storage", "openid")
"""Tables that hold a password themselves."""

Data = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Tables of one source, short forms expanded. `faults` name in English what cannot be understood."""

    data: Data
    faults: tuple[str, ...] = ()


def of_file(data: Data) -> Layer:
    """What a TOML file says."""
    return _expanded(data, "{0}: [{0}] is short for [{1}.main]: write one of the two")


def of_environment(environment: Mapping[str, str], tables: Collection[str]) -> Layer:
    """What `BAOSONG_A__B` says of key b of table a. JSON lists and tables are understood, else it is text.

    One of `tables` with a single underscore behind it is a fault: that key would be without effect, and somebody relies
    on it.
    """
    like_keys = tuple(f"{_PREFIX}{table.upper()}_" for table in tables)
    data: Data = {}
    faults = []
    for name, value in environment.items():
        if not name.startswith(_PREFIX) or name in _OTHERS:
            continue
        if "__" not in name:
            if not name.startswith(like_keys) or _SERVICE_LINK.fullmatch(f"{name}={value}"):
                continue  # another program's, such as the path of this one in somebody's script
            faults.append(f"{name}: unknown; table and key are parted by two underscores: BAOSONG_MAILBOX__PASSWORD")
            continue
        steps = name.removeprefix(_PREFIX).lower().split("__")
        if not _put(data, steps, _value(steps[-1], value)):
            faults.append(f"{name}: another variable gives a value to a part of this name")
    layer = _expanded(data, "BAOSONG_{0}__… stands for BAOSONG_{1}__MAIN__…: set one of the two", upper=True)
    return Layer(data=layer.data, faults=(*faults, *layer.faults))


def laid_over(below: Layer, above: Layer) -> Layer:
    """Both layers in one; where both say something, `above` holds. A value below where `above` has a table is a fault:
    it can mean nothing, and must not vanish unseen.

    A password from above also takes the place of a password file from below, which would else go before it.
    """
    clashes = tuple(_clashes(below.data, above.data, ""))
    if clashes:
        return Layer(data={}, faults=clashes)
    merged = _merged(below.data, above.data)
    for kind in _ACCOUNTS:
        _only_password(_tables(above.data.get(kind)), _tables(merged.get(kind)))
    _only_password(_tables(above.data), {name: merged[name] for name in _SINGLE if isinstance(merged.get(name), dict)})
    return Layer(data=merged)


def _only_password(above: Mapping[str, Data], merged: Mapping[str, Data]) -> None:
    for name, table in merged.items():
        given = above.get(name, {})
        if "password" in given and "password_file" not in given:
            table.pop("password_file", None)


def _clashes(below: Data, above: Data, path: str) -> Iterator[str]:
    for key, value in above.items():
        if not isinstance(value, dict) or key not in below:
            continue
        here = below[key]
        if isinstance(here, dict):
            yield from _clashes(here, value, f"{path}{key}.")
        else:
            yield f"{path}{key}: must be a table, as the environment gives a key of it"


def _put(data: Data, steps: list[str], value: object) -> bool:
    """False when a step of the path, or its end, is taken already by a value of another kind."""
    *tables, key = steps
    for table in tables:
        data = data.setdefault(table, {})
        if not isinstance(data, dict):
            return False
    if key in data:
        return False
    data[key] = value
    return True


def _value(key: str, value: str) -> object:
    if "password" in key:
        return value  # a password of digits or in brackets is still text
    if value[:1] in "[{":
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _expanded(data: Data, both: str, *, upper: bool = False) -> Layer:
    """The short forms made long. `both` says what is wrong where a layer uses the two at once."""
    data, faults = dict(data), []
    smtp = data.get("smtp")
    named = _tables(smtp)
    own = {key: value for key, value in smtp.items() if key not in named} if isinstance(smtp, dict) else {}
    for short, long, table, others in (
        ("mailbox", "mailboxes", data.pop("mailbox", None), data.get("mailboxes", {})),
        ("smtp", "smtp", own or None, named),
    ):
        if table is None or not isinstance(others, dict):
            continue  # whatever else is wrong with it, the tables' own check tells
        if "main" in others:
            faults.append(both.format(*(name.upper() if upper else name for name in (short, long))))
        data[long] = {"main": table, **others}
    return Layer(data=data, faults=tuple(faults))


def _tables(value: object) -> dict[str, Data]:
    """Those values of a table that are tables themselves."""
    return {key: inner for key, inner in value.items() if isinstance(inner, dict)} if isinstance(value, dict) else {}


def _merged(below: Data, above: Data) -> Data:
    merged = dict(below)
    for key, value in above.items():
        here = merged.get(key)
        merged[key] = _merged(here, value) if isinstance(here, dict) and isinstance(value, dict) else value
    return merged
