"""The cover bench keeps its word: same seed same plan, judging apart from tuning, legible as defined, one character altered."""

from __future__ import annotations

import random
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import cover_records
from bench.cover_figures import Goal, class_rows, goals
from bench.cover_records import AlteredScore, CellScore, PageRecord, SealScore
from bench.cover_tasks import notice
from bench.covers import JUDGING_SEED, TUNING_SEED, plans
from bench.intervals import Share
from bench.pictures import Scores, Threshold, rates, svg
from samples.maker import alterations, artefacts, content, printing
from samples.maker.alterations import DIGIT_KINDS, KINDS
from samples.maker.artefacts import Artefacts
from samples.maker.cover_marks import JUDGED_FACES, TUNED_FACES
from samples.maker.cover_ranges import JUDGING, TUNING
from samples.maker.covers import SCANS_A_SHEET, CoverPlan, cover_plan
from samples.maker.screens import Screen

MANY = 400


@pytest.fixture(scope="module")
def judged() -> list[CoverPlan]:
    return plans(MANY, tuning=False)


@pytest.fixture(scope="module")
def tuned() -> list[CoverPlan]:
    return plans(MANY, tuning=True)


def test_a_seed_is_a_plan() -> None:
    assert [cover_plan(seed, JUDGING) for seed in range(5)] == [cover_plan(seed, JUDGING) for seed in range(5)]
    assert cover_plan(1, JUDGING) != cover_plan(2, JUDGING)


def test_some_scans_share_a_sheet(judged: list[CoverPlan]) -> None:
    assert len({plan.sheet.number for plan in judged}) == MANY // SCANS_A_SHEET
    for first, second in zip(judged[::SCANS_A_SHEET], judged[1::SCANS_A_SHEET], strict=True):
        assert first.sheet == second.sheet
        assert (first.scan, first.mark) != (second.scan, second.mark)


def test_judging_draws_other_faces_seeds_and_ranges_than_tuning(
    judged: list[CoverPlan], tuned: list[CoverPlan]
) -> None:
    assert not set(JUDGING.faces) & set(TUNING.faces)
    assert not set(JUDGED_FACES) & set(TUNED_FACES)
    assert not {plan.seed for plan in judged} & {plan.seed for plan in tuned}
    assert TUNING_SEED + 10_000 <= JUDGING_SEED
    assert len({(plan.sheet.layout.print_font, plan.sheet.layout.bold_body) for plan in judged}) >= 6
    tables = {plan.sheet.table.rows for plan in tuned}
    assert not tables & {plan.sheet.table.rows for plan in judged}
    for span in ("quality", "low_quality", "noise", "blur", "paper", "contrast", "strength", "perspective", "bad_skew"):
        (low, high), (least, most) = getattr(JUDGING, span), getattr(TUNING, span)
        assert low <= least <= most <= high
        assert high - low > most - least, span


def test_every_class_of_page_comes(judged: list[CoverPlan]) -> None:
    labels = {label for plan in judged for label in plan.classes}
    wanted = {
        *(
            f"scan: {each}"
            for each in ("clean", "grey", "bw", "low_dpi", "low_jpeg", "skewed", "turned", "photo", "screen")
        ),
        *(f"scan: {each}" for each in ("folded", "show_through", "grey_paper")),
        *(f"sheet: {each}" for each in ("plain", "wrapped", "small", "thick", "hair", "unruled", "two_rows", "long")),
        *(f"seal: {each}" for each in ("own", "own over table", "another's", "special", "none")),
    }
    assert wanted <= labels


LEGIBLE = next(plan for plan in plans(40, tuning=False) if plan.legible and plan.media == "pdf")


@pytest.mark.parametrize(
    ("changes", "legible"),
    [
        ({}, True),
        ({"dpi": 149}, False),
        ({"quality": 49}, False),
        ({"skew": 3.01}, False),
        ({"skew": -3.01}, False),
        ({"dpi": 150, "quality": 50, "skew": -3.0}, True),
    ],
)
def test_legible_is_what_the_maker_did(changes: dict[str, float], legible: bool) -> None:
    plan = replace(LEGIBLE, scan=replace(LEGIBLE.scan, **changes))  # type: ignore[arg-type]
    assert plan.legible is legible


def test_a_faint_or_smudged_seal_is_not_legible() -> None:
    stamp = next(plan.mark.stamp for plan in plans(40, tuning=False) if plan.mark.label == "own")
    assert stamp is not None
    for harm in ({"faint": 0.4}, {"smudge": 0.3}, {"gaps": 0.95}):
        mark = replace(LEGIBLE.mark, stamp=replace(stamp, **harm))  # type: ignore[arg-type]
        assert not replace(LEGIBLE, mark=mark).legible


@pytest.mark.parametrize("kind", KINDS)
def test_an_alteration_changes_one_character(kind: str) -> None:
    rng = random.Random(7)
    rows = content.rows(rng, content.county("PYX"), 18)
    for _ in range(60):
        made = alterations.draw(rng, rows, kinds=(kind,))
        assert made is not None
        assert _edits(made.before, made.after) == (2 if kind == "digits_transposed" else 1)
        changed = alterations.applied(rows, made)
        differing = [
            (at, column)
            for at, (one, other) in enumerate(zip(rows, changed, strict=True))
            for column in range(9)
            if one.values[column] != other.values[column]
        ]
        assert differing == [(made.row, made.column)]
        assert made.digits == (kind in DIGIT_KINDS)


def test_repeated_means_repeated() -> None:
    rng = random.Random(3)
    rows = content.rows(rng, content.county("FX"), 18)
    for _ in range(40):
        made = alterations.draw(rng, rows, repeated=True)
        assert made is not None
        assert sum(row.values[made.column] == made.before for row in rows) > 1


def _edits(one: str, other: str) -> int:
    """Characters touched: as many as the longer of each differing part."""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    if len(one) == len(other):
        return sum(a != b for a, b in zip(one, other, strict=True))
    return sum(max(b - a, d - c) for kind, a, b, c, d in blocks if kind != "equal")


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    [(0, 500, 0.0, 0.0076), (500, 500, 0.9924, 1.0), (50, 100, 0.4038, 0.5962), (9, 10, 0.5958, 0.9821)],
)
def test_wilson_interval(good: int, of: int, low: float, high: float) -> None:
    share = Share(good=good, of=of)
    assert share.low == pytest.approx(low, abs=1e-4)
    assert share.high == pytest.approx(high, abs=1e-4)


def test_of_nothing_no_goal_is_met() -> None:
    assert Share(good=0, of=0).value is None
    assert not Goal(name="x", share=Share(good=0, of=0), most=0.1).met
    assert not Goal(name="x", share=Share(good=0, of=499), most=0.0, enough=500).met
    assert Goal(name="x", share=Share(good=0, of=500), most=0.0, enough=500).met


def test_artefacts_keep_the_size_and_do_something() -> None:
    page = Image.fromarray(np.full((420, 600, 3), 250, np.uint8))
    page.paste((20, 20, 20), (50, 50, 300, 60))
    for settings in (Artefacts(folds=2, fold=0.8), Artefacts(show_through=0.8)):
        assert _changed(page, artefacts.on_paper(page, settings))
    for settings in (Artefacts(grey=0.5), Artefacts(shadow=0.9)):
        assert _changed(page, artefacts.in_picture(page, settings))
    assert not _changed(page, artefacts.on_paper(page, Artefacts()))
    photo = artefacts.photographed(page, Artefacts(perspective=0.02, desk="wood"), scale=1.0)
    assert photo.width > page.width and photo.height > page.height
    screen = artefacts.photographed(page, Artefacts(screen=Screen()), scale=1.0)
    assert screen.width > page.width and screen.height > page.height


def _changed(one: Image.Image, other: Image.Image) -> bool:
    assert one.size == other.size
    return bool((np.asarray(one) != np.asarray(other)).any())


def record(**changes: object) -> PageRecord:
    """A page where everything went well."""
    cell = CellScore(
        address="C5", field="学校", expected="甲", read="乙", verdict="differs", score=-9.0, confidence=0.9, letter=0.9
    )
    pair = AlteredScore(
        on_paper=True, kind="digit_dropped", field="单位", repeated=True, before="甲1", after="甲", accepted=False,
        passed=False, named=True, extra=(), cell=cell,
    )  # fmt: skip
    seal = SealScore(
        kind="official", text="濮阳县教育局", bottom="", legible=True, suspect="", confidence=0.99, finding="theirs",
        named="濮阳县教育局", score=0.0, other=-18.0, letter=0.99, special=9.0,
    )  # fmt: skip
    base = PageRecord(
        seed=1, classes=("scan: clean",), county="PYX", mark="own", owner="PYX", official=True, seal_readable=True,
        legible=True, photo=False, colour=True, acceptable=True, dpi=200, quality=70, skew=0.0, print_px=25.0,
        cells_printed=150,
        file="x.pdf", state="accepted", codes=(), seals=(seal,), compared=150, matched=150, doubts=(cell,),
        altered=(pair,), unlike=(), seconds=1.0, memory_mb=100, decoder_mb=100,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def drawn_page(path: Path, drawing: bytes) -> Path:
    """A PDF of one page of 300 x 300 points."""
    path.write_bytes(
        b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R/G 6 0 R>>>>>>endobj\n"
        b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"
        % (len(drawing), drawing)
        + b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
        b"6 0 obj<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[7 0 R]>>endobj\n"
        b"7 0 obj<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/CIDSystemInfo<</Registry(Adobe)"
        b"/Ordering(GB1)/Supplement 2>>/FontDescriptor 8 0 R>>endobj\n"
        b"8 0 obj<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 880/StemV 80>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )
    return path


def test_print_that_a_ruling_line_runs_through_is_cut_off(tmp_path: Path) -> None:
    drawing = b"BT /F 20 Tf 60 100 Td (1383) Tj ET 50 107 m 200 107 l S BT /F 20 Tf 60 200 Td (9301) Tj ET 50 198 m 200 198 l S"
    assert printing.cut_off(drawn_page(tmp_path / "page.pdf", drawing)) == "1383"


def test_print_beyond_the_printed_columns_is_clipped(tmp_path: Path) -> None:
    within = b"q 50 50 53 200 re W n BT /F 20 Tf 60 100 Td (2020-26) Tj ET Q BT /F 20 Tf 60 200 Td (93 01) Tj ET"
    assert printing.clipped(drawn_page(tmp_path / "page.pdf", within)) == "-26"


def test_records_come_back_as_they_were_and_the_last_of_a_seed_counts(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    cover_records.write(path, [record(), record(seed=2)])
    cover_records.write(path, [record(state="review")])
    assert list(cover_records.read(path)) == [record(state="review"), record(seed=2)]
    assert list(cover_records.read(tmp_path / "none.jsonl")) == []


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        (
            {"state": "rejected"},
            {"scans: accepted", "scans: falsely rejected", "16 px: accepted", "16 px: falsely rejected"},
        ),
        ({"state": "review"}, {"scans: accepted", "16 px: accepted"}),
        ({"state": "review", "print_px": 11.0}, {"scans: accepted", "16 px: accepted", "16 px: falsely rejected"}),
        ({"seals": ()}, {"legible: found", "named rightly"}),
    ],
)
def test_a_page_gone_wrong_misses_its_goals(changes: dict[str, object], missed: set[str]) -> None:
    before = {goal.name for goal in goals([record()], notice()) if not goal.met}
    after = {goal.name for goal in goals([record(**changes)], notice()) if not goal.met} - before
    assert len(after) == len(missed)
    assert all(any(part in name for name in after) for part in missed)


@pytest.mark.parametrize(
    ("size", "label", "small"),
    [(9.0, "print: below 12 px", True), (12.0, "print: 12-16 px", True), (16.0, "print: 16-20 px", False),
     (28.0, "print: from 28 px", False)],
)  # fmt: skip
def test_pages_are_told_apart_by_the_size_of_their_print(size: float, label: str, small: bool) -> None:
    made = record(print_px=size)
    assert (made.print_class, made.small_print) == (label, small)
    assert any(row.startswith(label) for row in class_rows([made]))


@pytest.mark.parametrize("points", [8, 12])
def test_the_size_of_print_is_told_from_the_pdf(points: int, tmp_path: Path) -> None:
    drawing = b"BT /G %d Tf 20 100 Td <%s> Tj ET BT /G 30 Tf 20 200 Td <%s> Tj ET" % (
        points, "濮阳县第一实验小学".encode("utf-16-be").hex().encode(), "备案表".encode("utf-16-be").hex().encode(),
    )  # fmt: skip
    assert printing.print_size(drawn_page(tmp_path / "page.pdf", drawing)) == pytest.approx(points, rel=0.02)


def test_a_page_without_ideographs_has_no_size_of_print(tmp_path: Path) -> None:
    assert printing.print_size(drawn_page(tmp_path / "page.pdf", b"BT /F 20 Tf 60 100 Td (1383) Tj ET")) == 0


def test_a_picture_has_both_sets_and_every_threshold() -> None:
    scores = Scores(
        title="t", axis="nats", good_name="true", bad_name="altered", good=[0.0, 1.0, 2.0], bad=[5.0, 9.0], low=0.0,
        high=10.0, thresholds=(Threshold(name="MATCH", value=4.5),),
    )  # fmt: skip
    assert rates(scores, 4.5) == (1.0, 0.0)
    drawn = svg(scores)
    assert drawn.startswith("<svg") and drawn.endswith("</svg>\n")
    assert "MATCH 4.5" in drawn and "true (3)" in drawn and "altered (2)" in drawn
