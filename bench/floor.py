"""The whole job beside its floor: `python -m bench.floor [--rounds 3]`.

The floor is the recogniser's inference alone, for the same cells on the same two cores: every crop of every page of the shipped samples'
covers, each read once however often it repeats, in batches of like width, with nothing before or behind `InferenceSession.run`. The
whole job is `bench.end_to_end`: mails fetched, opened, read, compared, judged, answered and filed. Both in one run, in turn; told are the
best of the rounds. Exit status 1 below 70 % of the floor's pace.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.arguments import positive

if TYPE_CHECKING:
    from bench.provider import Delivery

CORES = 2
GOAL = 0.7
Blob = NDArray[np.float32]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=positive, default=3)
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    from bench.mailroom import deliveries

    mails, blobs, cells = _with_covers(deliveries(10_000, None)[0])
    print(f"{len(mails)} mails with a cover, {cells / len(mails):.0f} crops of print a cover, 2 cores")
    best: dict[str, float] = {}
    for number in range(options.rounds):
        for name, pace in (("floor", _floor(blobs, len(mails))), ("whole", _whole(mails))):
            print(f"round {number + 1}: {name} {pace:.1f} covers a minute", file=sys.stderr, flush=True)
            best[name] = max(best.get(name, 0.0), pace)
    share = best["whole"] / best["floor"]
    print(
        f"inference alone {best['floor']:.1f}, the whole job {best['whole']:.1f} covers a minute: {share:.0%} of the floor's pace"
    )
    return int(share < GOAL)


def _with_covers(mails: Sequence[Delivery]) -> tuple[list[Delivery], list[Blob], int]:
    """The mails whose cover was read, what the recogniser is asked for them, and how many crops that is."""
    from config.settings import Settings
    from ingest.app import build
    from parsers.cover import read_cover
    from parsers.ocr import Recogniser, _blob

    class Asked(Recogniser):
        """Keeps what it is asked."""

        def _recognise(self, images: list[Any]) -> Blob:
            batches.append(_blob(images))
            crops.append(len(images))
            return super()._recognise(images)

    batches: list[Blob] = []
    crops: list[int] = []
    kept = []
    names = tuple(column.name for column in build(Settings()).notices[0].form.columns)
    for mail in mails:
        before = len(batches)
        for decoded in _decoded(mail):
            read_cover(decoded, recogniser=Asked(threads=1), column_names=names, every=True)
        if len(batches) > before:
            kept.append(mail)
    return kept, batches, sum(crops)


def _decoded(mail: Delivery) -> list[Any]:
    """The covers of a mail, decoded."""
    from domain.cover import CoverFailure
    from domain.mail import PartKind
    from parsers.limits import Limits
    from parsers.mail import open_mail
    from parsers.pages import decode_cover

    opened = open_mail(
        mail.raw, own_addresses=frozenset(), own_message_id_suffix="", trusted_authserv_id="", limits=Limits()
    )
    covers = [part for part in opened.facts.parts if part.kind is PartKind.COVER]
    read = (
        decode_cover(
            opened.contents[part.sha256], media=part.media, name=part.name, sha256=part.sha256, limits=Limits()
        )
        for part in covers
    )
    return [one for one in read if not isinstance(one, CoverFailure)]


def _floor(blobs: Sequence[Blob], covers: int) -> float:
    """Covers a minute of two processes of one thread each that do nothing else."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(CORES, mp_context=context) as pool:
        list(pool.map(_infer, [blobs[:2]] * CORES))  # models are loaded
        begun = time.perf_counter()
        spent = list(pool.map(_infer, [blobs[place::CORES] for place in range(CORES)]))
        assert time.perf_counter() - begun >= max(spent)
    return 60 * covers / max(spent)  # without handing over


def _infer(blobs: Sequence[Blob]) -> float:
    """Seconds within the recogniser's model."""
    session, name = _session()
    begun = time.perf_counter()
    for blob in blobs:
        session.run(None, {name: blob})
    return time.perf_counter() - begun


_loaded: list[tuple[Any, str]] = []


def _session() -> tuple[Any, str]:
    if not _loaded:
        from parsers.ocr import READER, Recogniser

        session: Any = Recogniser(threads=1)._load(READER)
        _loaded.append((session, session.get_inputs()[0].name))
    return _loaded[0]


def _whole(mails: Sequence[Delivery]) -> float:
    from bench.end_to_end import _quiet
    from bench.mailroom import run

    _quiet()
    measured = run([mails])
    return 60 * measured.mails / measured.seconds


if __name__ == "__main__":
    sys.exit(main())
