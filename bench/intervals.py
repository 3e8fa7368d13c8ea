"""Shares with their 95 % interval (Wilson 1927), for figures from few or from no failures."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z = 1.96


@dataclass(frozen=True, kw_only=True)
class Share:
    """`good` of `of`. `low` and `high` bound the true share with 95 % confidence; all are None of nothing."""

    good: int
    of: int

    @property
    def value(self) -> float | None:
        return self.good / self.of if self.of else None

    @property
    def low(self) -> float | None:
        return max(0.0, self._centre() - self._half()) if self.of else None

    @property
    def high(self) -> float | None:
        return min(1.0, self._centre() + self._half()) if self.of else None

    def __str__(self) -> str:
        if not self.of or self.value is None or self.low is None or self.high is None:
            return "-"
        return f"{self.good}/{self.of} {self.value:.2%} [{self.low:.2%}, {self.high:.2%}]".replace("%", "") + " %"

    def _centre(self) -> float:
        return (self.good / self.of + _Z**2 / (2 * self.of)) / (1 + _Z**2 / self.of)

    def _half(self) -> float:
        share = self.good / self.of
        return _Z * math.sqrt(share * (1 - share) / self.of + _Z**2 / (4 * self.of**2)) / (1 + _Z**2 / self.of)
