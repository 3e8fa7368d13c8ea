"""How the C library keeps memory that was given back: a reader of pages gives large arrays back to the system at once."""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of <malloc.h>
_LARGE = (
    4 * 1024 * 1024
)  # bytes: a grey page has 8 million pixels, and what the recogniser asks for in one run is mostly less


def give_back_large() -> bool:
    """From now on blocks of 4 MiB and more are mapped singly in this process, and unmapped when they are freed. False where the C library
    has no such switch (musl).

    By itself glibc raises its threshold to the size of whatever was freed last, up to 32 MiB (mallopt(3)), so that the arrays of pages come
    to lie in the heap, between small blocks that stay, and a child that reads many pages grows.
    """
    switch = getattr(ctypes.CDLL(None), "mallopt", None)
    return bool(switch and switch(_MMAP_THRESHOLD, _LARGE))
