"""The product's recogniser with other weights: for this study only, the product has no such switch."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from parsers.ocr import Recogniser

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


class Taught(Recogniser):
    """Reads with the weights of a file; with those of the package where none is given."""

    def __init__(self, weights: Path | None, *, threads: int = 1) -> None:
        super().__init__(threads=threads)
        self._weights = weights

    def _load(self, name: str) -> InferenceSession:
        if self._weights is None or "rec" not in name:
            return super()._load(name)
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(str(self._weights), options, providers=["CPUExecutionProvider"])
