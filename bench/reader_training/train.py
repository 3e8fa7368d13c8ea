"""Go on from the published weights: `python -m bench.reader_training.train CROPS OUT [--minutes N] [--rate R] [--state FILE]`.

CTC loss over crops of `bench.reader_training.crops`, the first stages and batch normalisation as they are. What goes before the
first trained step is run by onnxruntime, which takes a third of the time. `OUT.onnx` and `OUT.state` (to go on from by `--state`)
are written every few minutes and at the end; `OUT.log` has the loss of each hundred steps.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (its usual name)

from bench.reader_training.network import HEAD, Network, blob_of, characters
from bench.reader_training.shared import PUBLISHED, Crop, load
from domain.look_alike_pairs import NEAR, NEAREST

CUTS = {"stage": "Mul.31", "block": "Mul.42", "neck": "p2o.pd_op.pool2d.1.0"}
"""Steps on whose output alone all that follows rests: the last stage's input (192 x 6 x W/4), its last block's (384 x 3 x W/4), and
what the backbone gives (384 x 1 x W/8). All before it stays as published."""
_WIDTH = 3600  # pixels of width in one step
_SEALS = 0.3  # share of the steps that are crops of seals
_OTHERS = 2500  # classes drawn for the softmax of a step besides those of its texts and their look-alikes
_SAVED = 150.0  # seconds between two checkpoints
_MOST = 24.0  # nats: the loss of one crop counts up to here
_WARM = 60  # steps until the full rate


class Crops:
    """All crops of a folder by kind; files that come while training are taken in."""

    def __init__(self, folder: Path, known: dict[str, int], most: int) -> None:
        self._folder, self._known, self._most = folder, known, most
        self._files: set[Path] = set()
        self._kinds: dict[str, list[Crop]] = {"lines": [], "seals": [], "cells": []}
        self.look()

    def look(self) -> None:
        for path in sorted(self._folder.glob("*.npz")):
            kind = path.name.partition("-")[0]
            if path not in self._files and "-held" not in path.name and ".part" not in path.name:
                self._files.add(path)
                fitting = [each for each in load(path) if _fits(each, self._known)]
                self._kinds[kind] = (self._kinds[kind] + fitting)[: self._most]

    def count(self) -> str:
        return ", ".join(f"{len(crops)} {kind}" for kind, crops in self._kinds.items())

    def batches(self, rng: random.Random) -> Iterator[list[Crop]]:
        """Batches of near widths without end: each crop of a kind is used once before any comes again."""
        waiting: dict[str, list[list[Crop]]] = {kind: [] for kind in self._kinds}
        while True:
            present = [kind for kind, crops in self._kinds.items() if crops]
            print_kinds = [kind for kind in present if kind != "seals"]
            seals = "seals" in present and rng.random() < _SEALS
            weights = [len(self._kinds[kind]) for kind in print_kinds]
            kind = "seals" if seals else rng.choices(print_kinds, weights)[0]
            if not waiting[kind]:
                self.look()
                waiting[kind] = _batched(self._kinds[kind], rng)
            yield waiting[kind].pop()


def _batched(crops: Sequence[Crop], rng: random.Random) -> list[list[Crop]]:
    ordered = sorted(crops, key=lambda each: each.pixels.shape[1] * rng.uniform(0.9, 1.1))
    batches: list[list[Crop]] = [[]]
    for crop in ordered:
        if batches[-1] and (len(batches[-1]) + 1) * crop.pixels.shape[1] > _WIDTH:
            batches.append([])
        batches[-1].append(crop)
    rng.shuffle(batches)
    return batches


def _fits(crop: Crop, known: dict[str, int]) -> bool:
    steps = crop.pixels.shape[1] // 8
    repeats = sum(one == other for one, other in zip(crop.text, crop.text[1:], strict=False))
    return 0 < len(crop.text) + repeats <= steps and all(letter in known for letter in crop.text)


def _prefix(cut_at: str) -> onnxruntime.InferenceSession:
    """The published graph up to the cut."""
    model = onnx.load(str(PUBLISHED))
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(cut_at))
    cut = next(at for at, node in enumerate(model.graph.node) if node.output[0] == cut_at)
    del model.graph.node[cut + 1 :]
    del model.graph.output[0]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3  # it would name each weight of the part that is cut off
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class Trainer:
    """The network, its optimiser, and the classes that each step's softmax is over."""

    def __init__(self, network: Network, cut: str, rate: float) -> None:
        self.network, self.rate = network, rate
        classes = characters(network)
        self.known = {letter: at for at, letter in reversed(list(enumerate(classes)))}
        self._count = len(classes)
        self._always = {0, *(self.known[each] for each in map(chr, range(33, 127)) if each in self.known)}
        self._alike: dict[str, list[int]] = {}
        for group in (NEAREST + NEAR).split():
            found = [self.known[each] for each in group if each in self.known]
            for each in group:
                self._alike[each] = self._alike.get(each, []) + found
        self._prefix = _prefix(cut)
        self._features: dict[int, NDArray[np.float16]] = {}
        weights = [each for each in network.parameters() if each.requires_grad]
        self.optimiser = torch.optim.AdamW(weights, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)

    def step(self, batch: Sequence[Crop], share: float, rng: np.random.Generator) -> float:
        """One step on a batch at a share of the full rate; its mean loss a crop."""
        features = self.network.from_cut(self._before(batch))
        chosen, offsets = self._classes(batch, rng)
        place = {each: at for at, each in enumerate(chosen)}
        weights, biases = (self.network.weights[name] for name in HEAD)
        index = torch.tensor(chosen)
        logs = (features @ weights[:, index] + (biases[index] + offsets)).log_softmax(-1)
        loss = _ctc(logs, batch, [[place[self.known[letter]] for letter in crop.text] for crop in batch])
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * share
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([each for each in self.network.parameters() if each.requires_grad], 5.0)
        self.optimiser.step()
        return float(loss.detach())

    def _before(self, batch: Sequence[Crop]) -> Tensor:
        """What the part that is not trained makes of the crops, reckoned once for each: in half precision, as wide as the widest."""
        fresh = [crop for crop in batch if id(crop) not in self._features]
        if fresh:
            found = self._prefix.run(None, {"x": blob_of([crop.pixels for crop in fresh]).contiguous().numpy()})[0]
            self._features |= {id(crop): each.astype(np.float16) for crop, each in zip(fresh, found, strict=True)}
        kept = [self._features[id(crop)] for crop in batch]
        width = min(each.shape[-1] for each in kept), max(each.shape[-1] for each in kept)
        if width[0] < width[1]:
            kept = [np.pad(each, ((0, 0), (0, 0), (0, width[1] - each.shape[-1])), mode="edge") for each in kept]
        return torch.from_numpy(np.stack(kept).astype(np.float32))

    def _classes(self, batch: Sequence[Crop], rng: np.random.Generator) -> tuple[list[int], Tensor]:
        """Classes of a step's softmax, and what is added to each: those drawn by lot stand for all that are left out."""
        texts = {letter for crop in batch for letter in crop.text}
        told = self._always | {self.known[letter] for letter in texts}
        told |= {each for letter in texts for each in self._alike.get(letter, ())}
        rest = np.setdiff1d(np.arange(self._count), list(told))
        drawn = rng.choice(rest, _OTHERS, replace=False)
        offsets = torch.zeros(len(told) + _OTHERS)
        offsets[len(told) :] = math.log(len(rest) / _OTHERS)
        return [*sorted(told), *drawn.tolist()], offsets


def _ctc(logs: Tensor, batch: Sequence[Crop], wanted: Sequence[Sequence[int]]) -> Tensor:
    steps = torch.tensor([min(math.ceil(crop.pixels.shape[1] / 8) + 1, logs.shape[1]) for crop in batch])
    targets = torch.tensor([each for one in wanted for each in one])
    lengths = torch.tensor([len(one) for one in wanted])
    losses = F.ctc_loss(logs.transpose(0, 1), targets, steps, lengths, reduction="none", zero_infinity=True)
    # A crop that hardly shows its text must not teach guessing: its loss counts up to a bound.
    return torch.clamp(losses, max=_MOST).mean()


def _train(options: argparse.Namespace) -> None:
    cut = CUTS[options.cut]
    trainer = Trainer(Network(options.weights or PUBLISHED, frozen=cut), cut, options.rate)
    done = 0
    if options.state:
        kept = torch.load(options.state, weights_only=True)
        trainer.optimiser.load_state_dict(kept["optimiser"])
        done = int(kept["steps"])
    crops = Crops(options.crops, trainer.known, options.most)
    rng, chance = random.Random(done + options.seed), np.random.default_rng(done + options.seed)
    begun = saved = time.monotonic()
    losses: list[float] = []
    log = options.out.with_suffix(".log").open("a", buffering=1)
    print("from step", done, crops.count(), file=log)
    for batch in crops.batches(rng):
        if time.monotonic() - saved > _SAVED:
            saved = time.monotonic()
            _save(trainer, options.out, done)
            if options.peer and options.peer.exists():
                trainer.network.meet(options.peer)
        spent = (time.monotonic() - begun) / (60 * options.minutes)
        if spent >= 1.0:
            break
        share = min(1.0, (done + 1) / _WARM) * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * spent)))
        losses.append(trainer.step(batch, share, chance))
        done += 1
        if done % 25 == 0:
            print(
                f"{done} steps, {time.monotonic() - begun:.0f} s, loss {np.mean(losses[-25:]):.3f}, {crops.count()}",
                file=log,
            )
    _save(trainer, options.out, done)
    print("end", done, file=log)


def _save(trainer: Trainer, out: Path, steps: int) -> None:
    part = out.with_suffix(".part")
    trainer.network.save(part)
    part.rename(out.with_suffix(".onnx"))
    torch.save({"optimiser": trainer.optimiser.state_dict(), "steps": steps}, out.with_suffix(".state"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crops", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=45.0, help="time until the rate has come down")
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--weights", type=Path, help="go on from these")
    parser.add_argument("--state", type=Path, help="and from this state of the optimiser")
    parser.add_argument("--cut", choices=CUTS, default="stage", help="from where on weights are trained")
    parser.add_argument("--most", type=int, default=10**6, help="crops of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--peer", type=Path, help="OUT.onnx of another process: at each checkpoint the mean of both is gone on from"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    _train(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
