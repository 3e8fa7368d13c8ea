"""A drawn page with a ruled table, for tests of the readers: no font, no file, the same on every machine."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

LEFT, TOP, ROW, COLUMN = 120, 160, 60, 260
ROWS, COLUMNS = 5, 4
SIZE = (ROWS * ROW + 320, COLUMNS * COLUMN + 240)


def table_page(texts: dict[tuple[int, int], str] | None = None, *, without: tuple[tuple[int, int], ...] = ()) -> Pixels:
    """White page, HxWx3: `texts` by (row, column); `without` names cells whose right side is not drawn (merged)."""
    page = np.full((*SIZE, 3), 255, dtype=np.uint8)
    for row in range(ROWS + 1):
        y = TOP + row * ROW
        cv2.line(page, (LEFT, y), (LEFT + COLUMNS * COLUMN, y), (0, 0, 0), 2)
    for column in range(COLUMNS + 1):
        for row in range(ROWS):
            if (row, column - 1) not in without:
                x, y = LEFT + column * COLUMN, TOP + row * ROW
                cv2.line(page, (x, y), (x, y + ROW), (0, 0, 0), 2)
    for (row, column), text in (texts or {}).items():
        place = (LEFT + column * COLUMN + 20, TOP + row * ROW + 42)
        cv2.putText(page, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.95, (0, 0, 0), 2, cv2.LINE_AA)
    return page


def tilted(page: Pixels, degrees: float) -> Pixels:
    """The page turned about its middle, counterclockwise, on white."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return np.asarray(turned, dtype=np.uint8)
