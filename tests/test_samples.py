"""The samples hold what expected.json says, and the maker's parts do what their labels promise."""

from __future__ import annotations

import base64
import email
import email.policy
import io
import json
import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.catalogue import CATALOGUE
from samples.maker import content, mix, scanner, workbooks
from samples.maker.desk import Style
from samples.maker.mails import Client, Draft, File, build
from samples.maker.workbooks import Layout, LayoutRange, Table

SAMPLES = Path(__file__).parents[1] / "samples"
MAILS: list[dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))["mails"]


def test_samples_are_light_and_all_labelled() -> None:
    files = {path.name: path.stat().st_size for path in (SAMPLES / "mails").glob("*.eml")}
    assert set(files) == {mail["file"] for mail in MAILS}
    assert len(files) >= 18
    assert sum(files.values()) < 8_000_000


def test_labels_name_only_codes_of_the_catalogue() -> None:
    used = {code for mail in MAILS for code in (*mail["codes"], *mail["codes_may"])}
    assert used <= set(CATALOGUE)


def test_samples_stand_in_order_of_receipt_within_the_notice() -> None:
    times = [datetime.fromisoformat(mail["received_at"]) for mail in MAILS]
    assert times == sorted(times)
    assert all(time.tzinfo and time.year == 2020 and time.month in (2, 3) for time in times)


@pytest.mark.parametrize("mail", MAILS, ids=[mail["file"] for mail in MAILS])
def test_sample_is_mail_without_real_addresses(mail: dict[str, Any]) -> None:
    message = email.message_from_bytes((SAMPLES / "mails" / mail["file"]).read_bytes(), policy=email.policy.compat32)
    assert "example." in message["From"]
    assert message["Message-ID"]
    files = [part for part in message.walk() if part.get_filename()]
    assert bool(files) == (mail["disposition"] == "submission")
    assert not message.defects


@given(seed=st.integers(0, 2**32), count=st.integers(1, 30), code=st.sampled_from([c.code for c in content.COUNTIES]))
@settings(max_examples=40, deadline=None)
def test_rows_are_clean(seed: int, count: int, code: str) -> None:
    rows = content.rows(random.Random(seed), content.county(code), count)
    assert len({(row.school, row.app) for row in rows}) == len(rows) == count
    for row in rows:
        assert all((row.unit, row.school, row.app, row.operator, row.contact))
        assert row.filed == "是"
        assert phonenumbers.is_valid_number(phonenumbers.parse(row.phone, "CN")), row.phone


@pytest.mark.parametrize("library", ["openpyxl", "xlsxwriter"])
@pytest.mark.parametrize("header", ["split", "one_line", "cells", "two_rows"])
def test_both_libraries_write_the_same_cells(tmp_path: Path, library: str, header: str) -> None:
    rows = content.rows(random.Random(1), content.county("FX"), 5)
    table = Table(title="范县学习类APP统计备案表", unit="范县", day="2020年2月27日", rows=rows, numbers_as_text=False)
    path = tmp_path / "form.xlsx"
    workbooks.write(path, table, Layout(header=header, top=1, left=1), library=library)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    values = [[str(cell) for cell in line if cell is not None] for line in sheet.iter_rows(values_only=True)]
    assert values[1] == ["范县学习类APP统计备案表"]
    head = values.index(list(content.COLUMNS))
    assert values[head + 1] == [value for value in rows[0].values if value]
    text = "".join("".join(line) for line in values[2:head])
    assert "填报单位：范县（盖章）" in text
    assert "填报时间：2020年2月27日" in text


def test_a_seed_gives_the_same_workbook_bytes(tmp_path: Path) -> None:
    rows = content.rows(random.Random(2), content.county("FX"), 4)
    table = Table(title="表", unit="范县", day="2020年2月27日", rows=rows)
    for name in ("a.xlsx", "b.xlsx"):
        workbooks.write(tmp_path / name, table, LayoutRange().draw(random.Random(3)))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def _page() -> Image.Image:
    pixels = np.full((300, 420, 3), 255, np.uint8)
    pixels[40:44, 30:390] = 0
    pixels[100:160, 60:120] = (214, 36, 42)
    return Image.fromarray(pixels)


@pytest.mark.parametrize(("turn", "size"), [(0, (280, 200)), (90, (200, 280)), (180, (280, 200)), (270, (200, 280))])
def test_scan_has_the_size_of_its_resolution(turn: int, size: tuple[int, int]) -> None:
    image = scanner.scan(_page(), scanner.Scan(dpi=200, turn=turn), dpi=300)
    assert image.size == size


@pytest.mark.parametrize("mode", ["grey", "bw"])
def test_scan_without_colour_has_none(mode: str) -> None:
    image = scanner.scan(_page(), scanner.Scan(mode=mode), dpi=300)
    assert image.mode == "L"
    assert (len(set(np.asarray(image).ravel())) <= 2) == (mode == "bw")


def test_scan_keeps_red_ink_red() -> None:
    image = scanner.scan(_page(), scanner.Scan(dpi=300, noise=1), dpi=300)
    red, green, _ = np.asarray(image)[120:140, 80:100].reshape(-1, 3).mean(axis=0)
    assert red > green + 80


@pytest.mark.parametrize(
    ("kind", "start"), [("pdf", b"%PDF"), ("jpg", b"\xff\xd8"), ("png", b"\x89PNG"), ("tif", b"II*\0")]
)
def test_files_are_what_they_say(kind: str, start: bytes) -> None:
    image = scanner.scan(_page(), scanner.Scan(), dpi=300)
    data = scanner.to_file([image], kind, dpi=200)
    assert data.startswith(start)
    if kind != "pdf":
        assert round(float(Image.open(io.BytesIO(data)).info["dpi"][0])) == 200


def _draft(client: Client, name: str) -> Draft:
    return Draft(
        client=client,
        sender="fxjyj@example.cn",
        sender_name="范县教育局",
        subject="范县学习类APP统计备案表（盖章扫描件及电子表一并上报）",
        text="请查收。\n谢谢",
        received_at=datetime(2020, 2, 27, 15, 40, tzinfo=mix.BEIJING),
        files=(File(name=name, data=b"PK\x03\x04 data"),),
        seed=7,
    )


@pytest.mark.parametrize("client", [Client.QQ_WEB, Client.NETEASE, Client.THUNDERBIRD, Client.FOXMAIL])
def test_names_and_subjects_come_back(client: Client) -> None:
    name = "附件：濮阳县面向中小学生校园学习类APP统计备案表.xlsx"
    message = email.message_from_bytes(build(_draft(client, name)), policy=email.policy.default)
    assert message["Subject"] == "范县学习类APP统计备案表（盖章扫描件及电子表一并上报）"
    assert [part.get_filename() for part in message.iter_attachments()] == [name]
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == ["请查收。", "谢谢"]


def test_outlook_cuts_words_inside_characters() -> None:
    """The trap is really there: a word of the long subject does not decode by itself, the joined bytes do."""
    subject = "范县面向中小学生校园学习应用统计备案表盖章扫描件及电子表"
    draft = replace(_draft(Client.OUTLOOK, "a.xlsx"), subject=subject)
    message = email.message_from_bytes(build(draft), policy=email.policy.compat32)
    pieces = [base64.b64decode(word.split("?")[3]) for word in message["Subject"].split()]
    assert b"".join(pieces).decode("gb18030") == subject
    with pytest.raises(UnicodeDecodeError):
        pieces[0].decode("gb18030")


def test_mixed_plans_come_from_their_seed_and_hold_every_kind() -> None:
    once, again = (mix.plans(120, seed=5, style=Style()) for _ in range(2))
    assert once == again
    assert once != mix.plans(120, seed=6, style=Style())
    kinds = {plan.expected.kind for plan in once}
    assert {"accepted", "altered_digit", "wrong_seal", "completed", "corrected", "bounce"} <= kinds
    assert {code for plan in once for code in plan.expected.codes} <= set(CATALOGUE)


def test_altered_cases_differ_in_one_place_between_page_and_workbook() -> None:
    for plan in mix.plans(120, seed=8, style=Style()):
        if plan.expected.kind in {"altered_digit", "altered_name"}:
            assert plan.book
            assert plan.paper
            pairs = zip(plan.book.table.rows, plan.paper.table.rows, strict=True)
            cells = [(a, b) for one, two in pairs for a, b in zip(one.values, two.values, strict=True) if a != b]
            assert len(cells) == 1
