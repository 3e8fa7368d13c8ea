"""Reads YAML text to plain values, remembering the line of every key, so that a fault can be shown where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import yaml

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something wrong with a notice file: `path` of the key, Chinese `message`, `line` from 1 where it is known."""

    path: KeyPath
    message: str
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """Plain values with the line (from 1) of every key and list item."""

    data: object
    lines: dict[KeyPath, int]
    faults: tuple[Fault, ...] = ()

    def line(self, path: KeyPath) -> int | None:
        """The line of `path`, or of the nearest key above it when it is not in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


class _Loader(yaml.SafeLoader):
    """YAML 1.1 reads on/off/yes/no as booleans: here only true and false are, so that `severity: off` is a word.

    Dates stay text: the reader of 2020-02-30 would fail without telling line and key, the schema tells both.
    """


def _understood(tag: str, first: str) -> bool:
    kind = tag.removeprefix("tag:yaml.org,2002:")
    return first in "tTfF" if kind == "bool" else kind != "timestamp"


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if _understood(tag, first)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> Document:
    """Parses one YAML document. Faults of the notation itself are returned, not raised."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Document(data=None, lines={}, faults=(Fault(path=(), message="文件是空的", line=1),))
        lines: dict[KeyPath, int] = {(): 1}
        faults: list[Fault] = []
        _walk(node, (), lines, faults)
        return Document(data=loader.construct_document(node), lines=lines, faults=tuple(faults))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fault = Fault(path=(), message=f"YAML写法有误：{error.problem}", line=mark.line + 1 if mark else None)
        return Document(data=None, lines={}, faults=(fault,))
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a value whose tag (!!int x) it does not fit
        return Document(data=None, lines={}, faults=(Fault(path=(), message=f"YAML写法有误：{error}"),))
    finally:
        loader.dispose()


def _walk(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], faults: list[Fault]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                faults.append(Fault(path=inner, message=f"这个键写了两次，第一次在第{lines[inner]}行", line=line))
            lines[inner] = line
            _walk(value, inner, lines, faults)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            inner = (*path, index)
            lines[inner] = item.start_mark.line + 1
            _walk(item, inner, lines, faults)
