"""Weights as the product takes them: `python -m bench.reader_training.pack OUT.onnx TAUGHT.onnx… [--share 0.4]`.

Each weight is the mean of the published and the taught one (of several that were taught, of their mean), `share` of it taught: what was
learnt is kept with less of what was forgotten for it, and it is less sure of what it misreads (Wortsman et al. 2022, Robust fine-tuning
of zero-shot models). Large ones are written in half precision and made single again as the graph is loaded, so that the file is half as
large.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from bench.reader_training.shared import PUBLISHED

_LARGE = 256  # numbers: smaller ones (scales, biases, constants of the graph) stay as they are


def mixed(taught: Sequence[Path], share: float) -> onnx.ModelProto:
    """The published graph with the mean of both weights."""
    model = onnx.load(str(PUBLISHED))
    others = [{each.name: each for each in onnx.load(str(path)).graph.initializer} for path in taught]
    for initial in model.graph.initializer:
        if initial.data_type == TensorProto.FLOAT:
            before = numpy_helper.to_array(initial)
            after = np.mean([numpy_helper.to_array(each[initial.name]) for each in others], axis=0)
            mean = (before + share * (after - before)).astype(np.float32)
            initial.CopyFrom(numpy_helper.from_array(mean, initial.name))
    return model


def halve(model: onnx.ModelProto) -> None:
    """Large weights in half precision, each with a step that makes it single again: the runtime does that once, as it loads."""
    graph, steps = model.graph, []
    for initial in graph.initializer:
        value = numpy_helper.to_array(initial)
        if initial.data_type == TensorProto.FLOAT and value.size >= _LARGE:
            name = initial.name
            initial.CopyFrom(numpy_helper.from_array(_half(value), name + ".half"))
            steps.append(onnx.helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    for step in reversed(steps):
        graph.node.insert(0, step)


def _half(value: NDArray[np.float32]) -> NDArray[np.float16]:
    half = value.astype(np.float16)
    if not np.isfinite(half).all():
        raise OverflowError("a weight is too large for half precision")
    return half


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("taught", type=Path, nargs="+")
    parser.add_argument("--share", type=float, default=0.4, help="of the taught weights, 0 to 1")
    options = parser.parse_args()
    model = mixed(options.taught, options.share)
    halve(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
