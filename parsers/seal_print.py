"""Signs that a seal is a printer's picture: its ink lies on a grid, and the paper about it does not.

A stamp leaves ink where fibres take it, without period. A laser printer makes red of magenta and yellow dots or lines on a
grid of 111 to 212 to the inch, which a scan shows as it is or, too coarse for it, as slower waves: one wave all over the seal.
What the paper shows as well is not the seal's: a tinted cell under real ink, a screen that was photographed, a scanner's
stripes. An inkjet scatters its droplets; of that nothing is left in a scan, and a picture of pure red is printed solid.
So nothing seen proves no stamp.
"""

from __future__ import annotations

import numpy as np

from parsers.seal_marks import Rgb8
from parsers.waves import Map, Mask, grain, levels_of, near, standing_out, strongest

_PRINTED = 22.0
"""How far a wave stands out that no grain of ink makes: of 302 tuning seals in ink three had more than 16, the most 17.4,
and of 40 in even ink scanned without noise the most 19.5. Of 43 prints by laser 22 had more than 22."""
_LEVELS = 0.12
"""Levels that it swings at least: the prints told swing by 0.12 to 5.6, and less is what JPEG makes of even ink."""
_SHARED = 8.0
"""How far it stands out of the paper where it is not the seal's own."""
_LEAST_INKED, _LEAST_BARE = 1500, 1500
"""Pixels of ink, and of bare paper, below which neither tells."""


def is_printed(part: Rgb8, inked: Mask, bare: Mask) -> bool:
    """Whether the ink of a seal's surroundings (H×W×3, its inked and its bare pixels) surely lies on a printer's grid.

    Red light passes red ink whatever its strength, so there the ink's own grain hardly shows, while JPEG's shared brightness
    brings the dots along; without JPEG they show in green.
    """
    if inked.sum() < _LEAST_INKED or bare.sum() < _LEAST_BARE:
        return False
    return any(_on_grid(part[..., channel].astype(np.float32), inked, bare) for channel in (0, 1))


def _on_grid(channel: Map, inked: Mask, bare: Mask) -> bool:
    wave = strongest(standing_out(grain(channel, inked)))
    if wave.height <= _PRINTED or levels_of(wave, channel, inked) < _LEVELS:
        return False
    return near(standing_out(grain(channel, bare)), wave) < _SHARED
