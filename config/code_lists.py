"""Code lists of a notice: written in its file, or in a CSV beside it (UTF-8, or GBK as Chinese Excel saves it)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from config.notice_yaml import Fault, KeyPath
from config.rule_schema import ListModel

_CODE, _NAME = "代码", "名称"
_MOST = 200_000

Items = list[tuple[str, str]]


def text_of(data: bytes) -> str:
    """The text of a CSV file."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def read_lists(models: Mapping[str, ListModel], folder: Path) -> tuple[dict[str, Items], list[Fault]]:
    """Codes and names by name of the list; a list that cannot be read is empty, and told."""
    lists: dict[str, Items] = {}
    faults: list[Fault] = []
    for name, model in models.items():
        path: KeyPath = ("lists", name)
        lists[name] = []
        if (model.file is None) == (model.items is None):
            faults.append(Fault(path=path, message="file 和 items 要写一个，只能写一个"))
        elif model.items is not None:
            lists[name] = [(item.code, item.name) for item in model.items]
        else:
            lists[name], told = _of_file(folder / str(model.file), (*path, "file"))
            faults += told
        codes = [code for code, _ in lists[name]]
        if len(set(codes)) < len(codes):
            twice = next(code for at, code in enumerate(codes) if code in codes[:at])
            faults.append(Fault(path=path, message=f"代码“{twice}”写了两次"))
    return lists, faults


def _of_file(path: Path, where: KeyPath) -> tuple[Items, list[Fault]]:
    try:
        reader = csv.DictReader(io.StringIO(text_of(path.read_bytes())))
    except OSError as error:
        return [], [Fault(path=where, message=f"打不开“{path.name}”：{error.strerror}")]
    if _CODE not in (reader.fieldnames or ()):
        return [], [Fault(path=where, message=f"“{path.name}”第1行应是表头：{_CODE},{_NAME}（名称可不要）")]
    items = [((row.get(_CODE) or "").strip(), (row.get(_NAME) or "").strip()) for row in reader]
    items = [item for item in items if item[0]]
    if not items or len(items) > _MOST:
        return [], [Fault(path=where, message=f"“{path.name}”里应有1到{_MOST}个代码，读到{len(items)}个")]
    return items, []
