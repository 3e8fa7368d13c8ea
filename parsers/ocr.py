"""Read text lines with PP-OCRv6: the detector as rapidocr ships it, the recogniser taught on covers. Runs in the long-lived OCR child."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.cover import Lattice
from parsers.print_lines import Area

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Pixels = NDArray[np.uint8]

_HEIGHT = 48  # the recogniser's input height, pixels
_STEP = 8  # input pixels to one time step
_NARROWEST = 64
_WIDEST = 2400
_BATCH_WIDTH = 1200  # pixels of width in one run: bounds memory; 3,200 took 100 MB more and no less time
_SPREAD = 1.2  # crops of one run differ in width at most by this factor: padding is paid for like print
FLOOR = -11.5  # natural log of the least probability kept (1e-5)
_CANDIDATES = 12
_DETECT_SIDE = 1280
READER = Path(__file__).parent / "models" / "PP-OCRv6_rec_small.covers.onnx"
"""The published recogniser with weights of our own (docs/decisions/cover.md), written by `bench.reader_training.pack`."""
_GREY = 127  # what both models take for nothing: zero after normalisation


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line as read. `confidence` is the mean probability of its characters, `least` that of the least sure one;
    both 0 when nothing was read."""

    text: str
    confidence: float
    lattice: Lattice
    least: float = 0.0


class LineReader(Protocol):
    """What reads straight lines of print, as `Recogniser` does: crops are HxWx3 or HxW uint8, dark on light."""

    def read_lines(self, crops: Sequence[Pixels], *, stretch: float = 1.0) -> Sequence[Line]: ...


class Recogniser:
    """The models, loaded at first use. `threads` bounds what one run takes of the machine; `reader`: the recogniser's file."""

    def __init__(self, *, threads: int = 1, reader: Path = READER) -> None:
        self._threads, self._reader = threads, reader
        self._recognition: InferenceSession | None = None
        self._detection: InferenceSession | None = None
        self._characters: list[str] = []

    def read_lines(self, crops: Sequence[Pixels], *, stretch: float = 1.0) -> list[Line]:
        """Each crop (HxWx3 or HxW, dark on light, one line of print) as text with the alternatives. `stretch`: what its
        width is multiplied by first; time goes by width."""
        lines: list[Line | None] = [None] * len(crops)
        inputs = [_scaled(crop, stretch) for crop in crops]
        for batch in _batches([image.shape[1] for image in inputs]):
            probabilities = self._recognise([inputs[place] for place in batch])
            for place, steps in zip(batch, probabilities, strict=True):
                used = math.ceil(inputs[place].shape[1] / _STEP) + 1
                lines[place] = self._line(steps[:used])
        return [line for line in lines if line is not None]

    def detect(self, rgb: Pixels) -> list[Area]:
        """Lines of print anywhere on an upright page: the fall-back where no ruling lines guide us."""
        if self._detection is None:
            self._detection = self._load(shipped("PP-OCRv6_det_small.onnx"))
        scale = min(1.0, _DETECT_SIDE / max(rgb.shape[:2]))
        width, height = (max(32, round(side * scale / 32) * 32) for side in (rgb.shape[1], rgb.shape[0]))
        image = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
        blob = np.transpose(image.astype(np.float32) / 127.5 - 1.0, (2, 0, 1))[None]
        heat = self._detection.run(None, {self._detection.get_inputs()[0].name: blob})[0][0, 0]
        return _areas(heat, rgb.shape[1] / width, rgb.shape[0] / height)

    def _load(self, path: Path) -> InferenceSession:
        os.environ["ORT_DISABLE_TELEMETRY"] = (
            "1"  # read as it is loaded; its makers' wheels report home else (Privacy.md)
        )
        import onnxruntime  # loads for 0.3 s: only where a page is read

        onnxruntime.set_default_logger_severity(3)  # it warns that it may not look for graphics cards
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # the arena keeps the widest run's memory for ever,
        options.enable_mem_pattern = False  # and a pattern is kept for every width of input: 120 MB after 24 pages
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])

    def _recognise(self, images: list[Pixels]) -> NDArray[np.float32]:
        if self._recognition is None:
            self._recognition = self._load(self._reader)
            told = self._recognition.get_modelmeta().custom_metadata_map["character"]
            self._characters = ["", *told.splitlines(), " "]
        blob = _blob(images)
        output: NDArray[np.float32] = self._recognition.run(None, {self._recognition.get_inputs()[0].name: blob})[0]
        return output

    def _line(self, steps: NDArray[np.float32]) -> Line:
        # The likeliest of 18,710 classes has at least their mean, 5e-5: it is always among those above the floor.
        flat = np.flatnonzero(steps > math.exp(FLOOR))
        rows, columns = np.divmod(flat, steps.shape[1])
        found = steps.ravel()[flat]
        order = np.lexsort((-found, rows))
        columns, found = columns[order], found[order]
        starts = np.searchsorted(rows, np.arange(len(steps) + 1))
        best, peak = columns[starts[:-1]], found[starts[:-1]]
        fresh = best != 0
        fresh[1:] &= best[1:] != best[:-1]
        return Line(
            text="".join(self._characters[index] for index in best[fresh]),
            confidence=float(peak[fresh].mean()) if fresh.any() else 0.0,
            least=float(peak[fresh].min()) if fresh.any() else 0.0,
            lattice=self._lattice(columns, np.log(found.astype(np.float64)), starts),
        )

    def _lattice(self, columns: NDArray[np.intp], logs: NDArray[np.float64], starts: NDArray[np.intp]) -> Lattice:
        """`starts` has the place of each step's first candidate in the others, which are sorted, likeliest first."""
        characters = self._characters
        told = logs.round(3).tolist()
        return tuple(
            tuple((characters[columns[at]], told[at]) for at in range(start, min(end, start + _CANDIDATES)))
            for start, end in itertools.pairwise(starts.tolist())
        )


def shipped(name: str) -> Path:
    """A model as the rapidocr wheel has it."""
    import rapidocr  # slow to import, and needed where a page has no ruling

    return Path(rapidocr.__file__).parent / "models" / name


def _blob(images: Sequence[Pixels]) -> NDArray[np.float32]:
    """The images of one run as the model takes them, each filled up to the widest."""
    width = math.ceil(max(image.shape[1] for image in images) / _STEP) * _STEP
    blob = np.zeros((len(images), 3, _HEIGHT, width), dtype=np.float32)
    for place, image in enumerate(images):
        blob[place, :, :, : image.shape[1]] = np.transpose(image.astype(np.float32) / 127.5 - 1.0, (2, 0, 1))
    return blob


def _scaled(crop: Pixels, stretch: float) -> Pixels:
    image = crop if crop.ndim == 3 else cv2.cvtColor(crop, cv2.COLOR_GRAY2RGB)
    width = max(1, min(_WIDEST, math.ceil(image.shape[1] * stretch * _HEIGHT / max(1, image.shape[0]))))
    shrinking = image.shape[0] > _HEIGHT
    scaled = cv2.resize(image, (width, _HEIGHT), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    if width < _NARROWEST:
        scaled = cv2.copyMakeBorder(scaled, 0, 0, 0, _NARROWEST - width, cv2.BORDER_CONSTANT, value=(_GREY,) * 3)
    return np.asarray(scaled, dtype=np.uint8)


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Places of crops to run together: near in width, bounded in sum."""
    batch: list[int] = []
    for place in sorted(range(len(widths)), key=lambda at: widths[at]):
        full = (len(batch) + 1) * widths[place] > _BATCH_WIDTH
        if batch and (full or widths[place] > _SPREAD * widths[batch[0]]):
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _areas(heat: NDArray[np.float32], across: float, down: float) -> list[Area]:
    """Boxes of the detector's heat map (differentiable binarisation shrinks lines: grown back by area / perimeter)."""
    mask = (heat > 0.3).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    found = []
    for label in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[label])
        if area < 12 or min(width, height) < 3:
            continue
        part = labels[y : y + height, x : x + width] == label
        if float(heat[y : y + height, x : x + width][part].mean()) < 0.5:
            continue
        grow = width * height * 1.6 / (2 * (width + height))
        found.append(
            Area(
                x0=max(0, int((x - grow) * across)),
                y0=max(0, int((y - grow) * down)),
                x1=min(int(heat.shape[1] * across), math.ceil((x + width + grow) * across)),
                y1=min(int(heat.shape[0] * down), math.ceil((y + height + grow) * down)),
            )
        )
    return sorted(found, key=lambda area: (area.y0, area.x0))
