"""Loads notice files: by id from a folder or from those shipped, or by path; a wrong one is refused with all faults."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from config.code_lists import read_lists, text_of
from config.notice_build import contradictions
from config.notice_schema import NoticeModel, SchoolModel
from config.notice_yaml import Document, Fault, KeyPath, read_yaml
from config.round_faults import round_faults
from config.rounds import notices_of
from domain.notice import Notice

SHIPPED = Path(__file__).parent / "notices"
_CSV_HEADER = {"代码": "code", "名称": "name", "别名": "aliases", "邮箱": "addresses", "电话": "phone"}
_MESSAGES = {
    "missing": "缺这一项",
    "string_type": "应为文字（数字请加英文引号）",
    "string_too_short": "不能为空",
    "list_type": "应为列表",
    "dict_type": "应为一组“键: 值”",
    "model_type": "应为一组“键: 值”",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "int_from_float": "应为整数",
    "greater_than_equal": "太小了",
    "less_than_equal": "太大了",
    "too_short": "至少要有一项",
    "too_long": "只能有一项",
}


class NoticeError(Exception):
    """A notice that cannot be used: `faults` lists everything wrong, each with line and key, in Chinese."""

    def __init__(self, path: Path | str, faults: tuple[str, ...]) -> None:
        super().__init__(f"{path}: " + "; ".join(faults))
        self.path = path
        self.faults = faults


def load_notice(id_or_path: str | Path, directory: Path | None = None) -> Notice:
    """The notice of that id (in `directory`, else shipped), or in that file; of one with rounds the round of that id, else the first.
    Raises NoticeError with every fault."""
    return load_notices(id_or_path, directory)[0]


def load_notices(id_or_path: str | Path, directory: Path | None = None) -> tuple[Notice, ...]:
    """The notices of the file of that id (in `directory`, else shipped), or of that file: one, or all its rounds, oldest first.
    Of a round's id (`students-2026-11`) that round alone. Raises NoticeError with every fault."""
    path, expected = _locate(id_or_path, directory)
    notices, faults = _read(path)
    if faults:
        raise NoticeError(path, faults)
    series = notices[0].series
    if expected and path.stem != series:
        raise NoticeError(path, (f"id：应与文件名一致，文件名是“{path.stem}”，这里写的是“{series}”",))
    if expected and expected != series:
        notices = tuple(notice for notice in notices if notice.id == expected)
        if not notices:
            raise NoticeError(path, (f"“{series}”里没有“{expected.removeprefix(series + '-')}”这一期",))
    return notices


def notice_file(id_or_path: str | Path, directory: Path | None = None) -> Path:
    """Where the notice is written. Raises NoticeError when there is none such."""
    return _locate(id_or_path, directory)[0]


def check_notice(path: Path) -> list[str]:
    """Everything wrong with a notice file, each with line and key, in Chinese; empty when it can be used."""
    return list(_read(path)[1])


def shipped_notices() -> tuple[str, ...]:
    """Ids of the notices that come with the program."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def _locate(id_or_path: str | Path, directory: Path | None) -> tuple[Path, str | None]:
    if isinstance(id_or_path, Path) or id_or_path.endswith((".yaml", ".yml")) or Path(id_or_path).name != id_or_path:
        return Path(id_or_path), None
    for name in _files_called(id_or_path):
        for folder in (directory, SHIPPED):
            if folder and (folder / f"{name}.yaml").is_file():
                return folder / f"{name}.yaml", id_or_path
    known = "、".join(shipped_notices())
    raise NoticeError(id_or_path, (f"找不到通知“{id_or_path}”；自带的通知有：{known}",))


def _files_called(identifier: str) -> Iterator[str]:
    """Names of the files that may hold a notice: its own, then those of which it may be a round, the longest first."""
    yield identifier
    while "-" in identifier:
        identifier = identifier.rpartition("-")[0]
        yield identifier


def notices_of_text(text: str, name: str) -> tuple[Notice, ...]:
    """The notices that a text says which is kept in no file, and may name none. `name`: what the text is called where it is refused.
    Raises NoticeError with every fault."""
    notices, faults = _read_text(text, None)
    if faults:
        raise NoticeError(name, faults)
    return notices


def _read(path: Path) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """The notices of a file, oldest first; none where anything is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return (), ("文件不是UTF-8编码，请另存为UTF-8",)
    except OSError as error:
        return (), (f"打不开文件：{error.strerror}",)
    return _read_text(text, path.parent)


def _read_text(text: str, folder: Path | None) -> tuple[tuple[Notice, ...], tuple[str, ...]]:
    """The same of its text. `folder`: where the files lie that it names; None: it must name none."""
    document = read_yaml(text)
    if document.data is None:
        return (), _shown(document, document.faults)
    faults = list(document.faults)
    try:
        model = NoticeModel.model_validate(document.data)
    except ValidationError as error:
        return (), _shown(document, [*faults, *_shape_faults(error)])
    if folder is None and (naming := list(_files_named(model))):
        return (), _shown(document, [*faults, *naming])
    schools, school_faults = _schools(model, folder or Path())
    lists, list_faults = read_lists(model.lists, folder or Path())
    found = list(contradictions(model, schools, _problem_codes(), lists))
    faults += [*school_faults, *list_faults, *found]
    if not any(fault.path == ("timezone",) for fault in found):
        faults += round_faults(model, schools, ZoneInfo(model.timezone))
    if faults:
        return (), _shown(document, faults)
    return notices_of(model, schools, lists), ()


def _files_named(model: NoticeModel) -> Iterator[Fault]:
    """Files that a text without a folder must not name: anybody who may write it could have any file of the machine read."""
    told = "这里不能用文件，请把内容直接写进来（schools 或 items）"
    if model.bureau_run and model.bureau_run.schools_file is not None:
        yield Fault(path=("bureau_run", "schools_file"), message=told)
    for name, each in model.lists.items():
        if each.file is not None:
            yield Fault(path=("lists", name, "file"), message=told)


def _problem_codes() -> tuple[str, ...]:
    from domain.catalogue import CATALOGUE

    return tuple(CATALOGUE)


def _shown(document: Document, faults: tuple[Fault, ...] | list[Fault]) -> tuple[str, ...]:
    """Faults in the order of the file, one line of text each."""
    placed = [(fault.line or document.line(fault.path), fault) for fault in faults]
    placed.sort(key=lambda pair: pair[0] or 0)
    return tuple(
        (f"第{line}行 " if line else "") + (f"{_dotted(fault.path)}：" if fault.path else "") + fault.message
        for line, fault in placed
    )


def _dotted(path: KeyPath) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _shape_faults(error: ValidationError) -> Iterator[Fault]:
    for detail in error.errors(include_url=False):
        path: KeyPath = tuple(detail["loc"])
        kind = detail["type"]
        if kind == "extra_forbidden":
            message = "不认识的键" + _did_you_mean(str(path[-1]), _known_keys(path[:-1]))
        elif kind in ("enum", "literal_error"):
            expected = str(detail.get("ctx", {}).get("expected", ""))
            words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
            message = f"只能是 {'、'.join(words)}" + _did_you_mean(str(detail["input"]), words)
        elif kind == "string_pattern_mismatch":
            message = f"写法不对，应符合 {detail.get('ctx', {}).get('pattern')}"
        else:
            message = _MESSAGES.get(kind, detail["msg"])
        yield Fault(path=path, message=message)


def _did_you_mean(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"。是不是想写“{close[0]}”？" if close else ""


def _known_keys(path: KeyPath) -> list[str]:
    """The keys that may stand at `path`, found by walking the models' annotations."""
    annotation: Any = NoticeModel
    for step in path:
        if isinstance(step, str) and _model_in(annotation):
            annotation = _model_in(annotation).model_fields[step].annotation  # type: ignore[union-attr]
    model = _model_in(annotation)
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for model in map(_model_in, get_args(annotation)) if model), None)


def _schools(model: NoticeModel, folder: Path) -> tuple[list[SchoolModel], list[Fault]]:
    """The bureau-run schools, from the notice itself or from its CSV (UTF-8, or GBK as Chinese Excel saves it)."""
    if model.bureau_run is None:
        return [], []
    if model.bureau_run.schools_file is None:
        return model.bureau_run.schools or [], []
    where: KeyPath = ("bureau_run", "schools_file")
    name = model.bureau_run.schools_file
    if model.bureau_run.schools is not None:
        return [], [Fault(path=where, message="schools 和 schools_file 只能写一个")]
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        return [], [Fault(path=where, message=f"打不开“{name}”：{error.strerror}")]
    return _schools_of_csv(data, name, where)


def _schools_of_csv(data: bytes, name: str, where: KeyPath) -> tuple[list[SchoolModel], list[Fault]]:
    reader = csv.DictReader(io.StringIO(text_of(data)))
    if not {"代码", "名称"} <= set(reader.fieldnames or ()):
        return [], [Fault(path=where, message=f"“{name}”第1行应是表头：{'、'.join(_CSV_HEADER)}（后三项可不要）")]
    schools: list[SchoolModel] = []
    faults: list[Fault] = []
    for record in reader:
        values: dict[str, object] = {}
        for label, key in _CSV_HEADER.items():
            text = (record.get(label) or "").strip()
            if key in ("aliases", "addresses"):
                values[key] = [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
            elif text:
                values[key] = text
        try:
            schools.append(SchoolModel.model_validate(values))
        except ValidationError as error:
            told = "；".join(f"{_dotted(fault.path)}{fault.message}" for fault in _shape_faults(error))
            faults.append(Fault(path=where, message=f"“{name}”第{reader.line_num}行：{told}"))
    return schools, faults
