"""The rows of one table of many as bytes, by column: what is said in JSON, and where as numbers of four bytes, which take no reading.

`{"sheet": name, "columns": [[key, letters], …], "count": of the rows, "hidden": [number, …], "said": [as `domain.row_tables` has it, …],
"mobiles": [digits, …]}`, and bytes: the number of each row, then for each column the place of what its cell of each row says, in `said`
and, behind that, in `mobiles`. A cell that says one of those is a mobile number and nothing else.
"""

from __future__ import annotations

from array import array
from itertools import chain
from typing import Any

from domain.many_rows import ManyRows
from domain.row_tables import MAX_ROW, plain_of, said_of, table_of
from domain.sheet import Phone, PhoneKind, Says

_NUMBER = "I"
_SIZE = array(_NUMBER).itemsize


def told(rows: ManyRows) -> tuple[dict[str, Any], bytes]:
    """Of at least one row."""
    found = {id(one): one for place in range(len(rows.says)) for one in rows.once(place)}.values()
    said = [one for one in found if not _is_mobile(one)]
    mobiles = [one for one in found if _is_mobile(one)]
    places = {id(one): place for place, one in enumerate(chain(said, mobiles))}
    numbers = [array(_NUMBER, map(places.__getitem__, map(id, column))) for column in rows.says]
    plain = {
        "sheet": rows[0].sheet,
        "columns": list(zip(rows.columns.keys, rows.columns.letters, strict=True)),
        "count": len(rows),
        "hidden": [row.number for row in rows if row.hidden],
        "said": [plain_of(*one) for one in said],
        "mobiles": [text for text, _, _ in mobiles],
    }
    return plain, b"".join(each.tobytes() for each in (array(_NUMBER, [row.number for row in rows]), *numbers))


def _is_mobile(one: Says) -> bool:
    text, fault, phone = one
    return phone is not None and phone.kind is PhoneKind.MOBILE and phone.digits == text and fault is None


def heard(plain: Any, data: bytes) -> ManyRows:
    """Raises ValueError, TypeError or LookupError for what `told` does not give: it may come from a child that read a stranger's
    bytes."""
    sheet, columns = table_of((plain["sheet"], plain["columns"]))
    mobiles, count = plain["mobiles"], plain["count"]
    if not set(map(type, mobiles)) <= {str}:
        raise ValueError("no texts")
    said = [said_of(one) for one in plain["said"]]
    said += [(text, None, Phone(kind=PhoneKind.MOBILE, digits=text)) for text in mobiles]
    every = array(_NUMBER)
    every.frombytes(data)
    if type(count) is not int or count < 1 or len(every) != count * (len(columns.keys) + 1):
        raise ValueError("more or fewer rows than told")
    numbers, *places = (every[start : start + count] for start in range(0, len(every), count))
    if not 0 < min(numbers) <= max(numbers) <= MAX_ROW:
        raise ValueError("a row that is none")
    says = [list(map(said.__getitem__, column)) for column in places]
    return ManyRows.of(columns, numbers, says, hidden=frozenset(plain["hidden"]), sheet=sheet)
