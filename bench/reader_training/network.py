"""The recogniser's ONNX graph as a torch module, node by node, with its weights to be trained, and back into the same graph.

Only weights change: the graph that is written is the published one with other numbers in it, so it loads, costs and is called as before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (its usual name)

from bench.reader_training.shared import PUBLISHED

_Attributes = Mapping[str, object]
_Op = Callable[[list[Tensor], _Attributes], Tensor]
HEAD = "linear_8.w_0", "linear_8.b_0"
"""Weights (120 x classes) and biases of the last layer."""


@dataclass(frozen=True, kw_only=True)
class _Step:
    run: _Op
    inputs: tuple[str, ...]
    output: str
    told: _Attributes


class Network(nn.Module):  # type: ignore[misc]  # torch is not among what mypy sees
    """Inputs Nx3x48xW, -1 to 1; outputs NxTx18710 logits (what the graph's last node makes probabilities of).

    `features` stops before the last layer, NxTx120. Weights that are used before the step `frozen` are not trained.
    """

    def __init__(self, path: Path = PUBLISHED, *, frozen: str = "") -> None:
        super().__init__()
        self.model = onnx.load(str(path))
        graph = self.model.graph
        self._weights: dict[str, nn.Parameter] = {}
        self._constants: dict[str, Tensor] = {}
        trained = _trained_names(graph)
        for initial in graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(initial).copy())
            if initial.name in trained and value.dtype == torch.float32:
                self._weights[initial.name] = nn.Parameter(value)
                self.register_parameter(initial.name.replace(".", "__"), self._weights[initial.name])
            else:
                self._constants[initial.name] = value
        self._steps = _steps(graph)
        self._frozen = next((at + 1 for at, step in enumerate(self._steps) if step.output == frozen), 0)
        for step in self._steps[: self._frozen]:
            for name in {*step.inputs} & {*self._weights}:
                self._weights[name].requires_grad_(False)
        self._last_use = {name: at for at, step in enumerate(self._steps) for name in step.inputs}

    @property
    def weights(self) -> Mapping[str, nn.Parameter]:
        """Trained weights by their name in the graph, in its order."""
        return self._weights

    def features(self, blob: Tensor) -> Tensor:
        values: dict[str, Tensor] = {self.model.graph.input[0].name: blob, **self._constants, **self._weights}
        with torch.no_grad():
            self._run(values, 0, self._frozen)
        self._run(values, self._frozen, len(self._steps))
        return values[self._steps[-1].output]

    def from_cut(self, cut: Tensor) -> Tensor:
        """The same from the output of the step `frozen`, on which alone all that follows rests."""
        values = {self._steps[self._frozen - 1].output: cut, **self._constants, **self._weights}
        self._run(values, self._frozen, len(self._steps))
        return values[self._steps[-1].output]

    def forward(self, blob: Tensor) -> Tensor:
        weights, biases = (self._weights[name] for name in HEAD)
        return self.features(blob) @ weights + biases

    def _run(self, values: dict[str, Tensor], begin: int, end: int) -> None:
        for at in range(begin, end):
            step = self._steps[at]
            values[step.output] = step.run([values[name] for name in step.inputs], step.told)
            for name in step.inputs:
                if self._last_use[name] == at and name not in self._weights:
                    values.pop(name, None)

    def meet(self, path: Path) -> None:
        """Go on from the mean of these weights and those of a file."""
        for initial in onnx.load(str(path)).graph.initializer:
            if initial.name in self._weights:
                other = torch.from_numpy(numpy_helper.to_array(initial).copy())
                with torch.no_grad():
                    self._weights[initial.name].lerp_(other, 0.5)

    def save(self, path: Path) -> None:
        """Write the graph with the weights as they are now."""
        for initial in self.model.graph.initializer:
            if initial.name in self._weights:
                new = self._weights[initial.name].detach().cpu().numpy()
                initial.CopyFrom(numpy_helper.from_array(new.astype(np.float32), initial.name))
        onnx.save(self.model, str(path))


def _steps(graph: onnx.GraphProto) -> list[_Step]:
    """The graph up to the last layer's input; Identity is left out, GELU is one step, and a bias is added by its convolution."""
    same: dict[str, str] = {}
    steps: list[_Step] = []
    constants = {each.name for each in graph.initializer}
    for node in graph.node:
        inputs = tuple(same.get(name, name) for name in node.input if name)
        if HEAD[0] in inputs:
            break
        if node.op_type == "Identity":
            same[node.output[0]] = inputs[0]
            continue
        told = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        step = _Step(run=_RUN[node.op_type], inputs=inputs, output=node.output[0], told=told)
        before = steps[-1] if steps else step
        if node.op_type == "Add" and before.run is _conv and inputs[0] == before.output and inputs[1] in constants:
            steps[-1] = replace(step, run=_conv, inputs=(*before.inputs, inputs[1]), told=before.told)
            continue
        steps.append(step)
        if [each.run for each in steps[-5:]] == _GELU:
            steps[-5:] = [replace(step, run=_gelu, inputs=steps[-5].inputs[:1])]
    return steps


def _trained_names(graph: onnx.GraphProto) -> set[str]:
    """Names of convolutions' and matrices' weights, and of what is added or multiplied as a bias or scale (one number a channel).
    Batch normalisation stays as it is, and so do the graph's constants."""
    sizes = {each.name: int(np.prod(each.dims)) for each in graph.initializer}
    asked = ("Conv", "MatMul", "Add", "Mul")
    return {name for node in graph.node if node.op_type in asked for name in node.input if sizes.get(name, 0) > 1}


def _conv(of: list[Tensor], told: _Attributes) -> Tensor:
    pads, strides = _pads(told), _ints(told.get("strides", [1, 1]))
    blob = of[0]
    if of[1].shape[1:] == (blob.shape[1], 1, 1) and strides == [1, 1] and not any(pads):
        # As a product of matrices: torch's own way for these took two thirds of a step's time.
        flat = torch.matmul(of[1].flatten(1), blob.flatten(2))
        mixed = flat + of[2].reshape(-1, 1) if len(of) > 2 else flat
        return mixed.unflatten(2, blob.shape[2:])
    if pads[:2] == pads[2:]:
        padding = (pads[0], pads[1])
    else:
        blob, padding = F.pad(blob, (pads[1], pads[3], pads[0], pads[2])), (0, 0)
    bias = of[2].reshape(-1) if len(of) > 2 else None
    group = told.get("group", 1)
    return F.conv2d(blob, of[1], bias, stride=strides, padding=padding, groups=int(str(group)))


def _normalised(of: list[Tensor], told: _Attributes) -> Tensor:
    return F.batch_norm(of[0], of[3], of[4], of[1], of[2], training=False, eps=float(str(told.get("epsilon", 1e-5))))


def _pooled(mean: bool) -> _Op:
    def run(of: list[Tensor], told: _Attributes) -> Tensor:
        kernel, strides = _ints(told["kernel_shape"]), _ints(told.get("strides", [1, 1]))
        pads, blob = _pads(told), of[0]
        ceil = bool(told.get("ceil_mode", 0))
        if mean:
            return F.avg_pool2d(blob, kernel, strides, (pads[0], pads[1]), ceil, count_include_pad=False)
        if any(pads):
            blob = F.pad(blob, (pads[1], pads[3], pads[0], pads[2]), value=float("-inf"))
        return F.max_pool2d(blob, kernel, strides, 0, ceil_mode=ceil)

    return run


def _pads(told: _Attributes) -> list[int]:
    """Pixels at the top, left, bottom and right; SAME_UPPER occurs with kernels of 2 and strides of 1 only."""
    if told.get("auto_pad", b"NOTSET") != b"SAME_UPPER":
        return _ints(told.get("pads", [0, 0, 0, 0]))
    down, across = (size - 1 for size in _ints(told["kernel_shape"]))
    return [down // 2, across // 2, down - down // 2, across - across // 2]


def _sliced(of: list[Tensor], told: _Attributes) -> Tensor:
    data, starts, ends = of[0], of[1].tolist(), of[2].tolist()
    axes = of[3].tolist() if len(of) > 3 else list(range(len(starts)))
    steps = of[4].tolist() if len(of) > 4 else [1] * len(starts)
    index: list[slice] = [slice(None)] * data.dim()
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        index[axis] = slice(start, end if end < 2**31 - 1 else None, step)
    return data[tuple(index)]


def _reshaped(of: list[Tensor], told: _Attributes) -> Tensor:
    shape = [of[0].shape[at] if size == 0 else int(size) for at, size in enumerate(of[1].tolist())]
    return of[0].reshape(shape)


def _squeezed(of: list[Tensor], told: _Attributes) -> Tensor:
    result = of[0]
    for axis in sorted((a % result.dim() for a in _ints(told["axes"])), reverse=True):
        result = result.squeeze(axis)
    return result


def _unsqueezed(of: list[Tensor], told: _Attributes) -> Tensor:
    result = of[0]
    for axis in sorted(_ints(told["axes"])):
        result = result.unsqueeze(axis)
    return result


def _hard_sigmoid(of: list[Tensor], told: _Attributes) -> Tensor:
    alpha, beta = float(str(told.get("alpha", 0.2))), float(str(told.get("beta", 0.5)))
    return torch.clamp(alpha * of[0] + beta, 0.0, 1.0)


def _ints(value: object) -> list[int]:
    return [int(each) for each in value]  # type: ignore[attr-defined]


_RUN: dict[str, _Op] = {
    "Identity": lambda of, told: of[0],
    "Add": lambda of, told: of[0] + of[1],
    "Sub": lambda of, told: of[0] - of[1],
    "Mul": lambda of, told: of[0] * of[1],
    "Div": lambda of, told: of[0] / of[1],
    "Pow": lambda of, told: of[0] * of[0] if of[1].numel() == 1 and float(of[1]) == 2.0 else torch.pow(of[0], of[1]),
    "Sqrt": lambda of, told: torch.sqrt(of[0]),
    "Erf": lambda of, told: torch.erf(of[0]),
    "Relu": lambda of, told: F.relu(of[0]),
    "Sigmoid": lambda of, told: torch.sigmoid(of[0]),
    "HardSigmoid": _hard_sigmoid,
    "MatMul": lambda of, told: torch.matmul(of[0], of[1]),
    "Conv": _conv,
    "BatchNormalization": _normalised,
    "ReduceMean": lambda of, told: of[0].mean(dim=_ints(told["axes"]), keepdim=bool(told.get("keepdims", 1))),
    "Transpose": lambda of, told: of[0].permute(_ints(told["perm"])),
    "Slice": _sliced,
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Reshape": _reshaped,
    "Concat": lambda of, told: torch.cat(of, dim=int(str(told["axis"]))),
    "Softmax": lambda of, told: torch.softmax(of[0], dim=int(str(told.get("axis", -1)))),
    "Shape": lambda of, told: torch.tensor(of[0].shape),
    "MaxPool": _pooled(mean=False),
    "AveragePool": _pooled(mean=True),
}


_GELU = [_RUN[name] for name in ("Div", "Erf", "Add", "Mul", "Mul")]


def _gelu(of: list[Tensor], told: _Attributes) -> Tensor:
    return F.gelu(of[0])


def characters(network: Network) -> list[str]:
    """What each class stands for; the first is CTC's blank."""
    told = {each.key: each.value for each in network.model.metadata_props}["character"]
    return ["", *told.splitlines(), " "]


def blob_of(images: list[NDArray[np.uint8]]) -> Tensor:
    """Grey inputs 48xW, filled up to the widest (a multiple of 8) with the grey that counts as nothing."""
    width = -(-max(image.shape[1] for image in images) // 8) * 8
    blob = np.zeros((len(images), 1, 48, width), dtype=np.float32)
    for place, image in enumerate(images):
        blob[place, 0, :, : image.shape[1]] = image.astype(np.float32) / 127.5 - 1.0
    return torch.from_numpy(blob).expand(-1, 3, -1, -1)
