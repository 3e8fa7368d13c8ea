"""Large arrays that a reading child frees go back to the system, also where small blocks that stay lie between them."""

from __future__ import annotations

import subprocess
import sys

_READER = """
import sys
import numpy as np
from parsers.heap import give_back_large

def resident():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * 4096 // 1_000_000

if sys.argv[1] == "give back":
    assert give_back_large()
del_me = np.ones(30_000_000, np.uint8)
del del_me  # glibc takes its size for the new threshold
pages, kept = [], []
for _ in range(12):
    pages.append(np.ones(10_000_000, np.uint8))
    kept.append(np.ones(100_000, np.uint8))
full = resident()
pages.clear()
print(full - resident())
"""


def _given_back(how: str) -> int:
    """Megabytes of 120."""
    done = subprocess.run([sys.executable, "-c", _READER, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_pages_that_are_done_with_are_given_back() -> None:
    assert _given_back("give back") > 110
    assert _given_back("as the system does it") < 30
