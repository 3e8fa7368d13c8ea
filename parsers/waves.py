"""Regular texture: does a wave stand out of the grain of a surface, as a printer's screen or a screen's pixels make it?

What is pressed, cast or woven by chance has a grain without direction or period; in its spectrum no wave stands far above its
neighbours. A grid puts all its strength into a few waves, and the more of it is seen the farther they stand out: so a
screen that no eye sees in any one place is told from the whole of a seal.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Map = NDArray[np.float32]
Mask = NDArray[np.bool_]

_NEAR = 1.2
"""Pixels within which the surface's own tone is told: of 43 printed seals (150-300 dpi, JPEG 52-88) 25 stood out of all of 120
inked ones with 1.2, 22 with 2 and with 3."""
_FAR = 4.8
"""Pixels within which the strength of the grain is evened, so that no one place outweighs the rest."""
_CLIP = 2.0
"""Times the grain's strength at which single places are cut off: specks, edges (with 2: 25 of 43 as above, without: 20)."""
_SLOWEST, _FASTEST = 0.06, 0.47
"""Cycles a pixel between which waves are looked at: slower ones are uneven ink, faster ones JPEG's halved colour."""
_AXIS = 0.03
"""Slope against rows and columns within which, and cycles a pixel (two thirds of it) below which, waves are the edges of
ruling and JPEG's blocks."""
_ABOUT, _SELF = 17, 5
"""Sides in bins of the surroundings a wave is compared with, and of what is still the wave itself."""
_LEAST = 1e-9
_BLOCK = 16
"""Bins of 1/256 between the waves of JPEG's blocks."""


@dataclass(frozen=True, kw_only=True)
class Wave:
    """The wave that stands out most: how many times its surroundings it is, and its place in the spectrum's array."""

    height: float
    place: tuple[int, int]


def grain(channel: Map, mask: Mask) -> Map:
    """The fine texture of a surface (0 outside `mask`): its slow changes taken off, its strength made even."""
    inside = mask.astype(np.float32)
    rough = _rough(channel, inside)
    strength = np.sqrt(_mean(rough * rough, inside, _FAR)) + 0.3  # levels: a third of one is what rounding leaves
    return np.asarray(np.clip(rough / strength, -_CLIP, _CLIP) * inside, np.float32)


def _rough(channel: Map, inside: Map) -> Map:
    return np.asarray((channel - _mean(channel, inside, _NEAR)) * inside, np.float32)


def _mean(values: Map, inside: Map, reach: float) -> Map:
    weight = np.maximum(cv2.GaussianBlur(inside, (0, 0), reach), 0.02)
    return np.asarray(cv2.GaussianBlur(values * inside, (0, 0), reach) / weight, np.float32)


def standing_out(texture: Map) -> Map:
    """The half spectrum of a texture: each wave as a multiple of its surroundings, 0 where no wave is looked for."""
    side = cv2.getOptimalDFTSize(max(texture.shape))
    waves = np.fft.rfft2(texture, s=(side, side))
    power = (waves.real**2 + waves.imag**2).astype(np.float32)
    about = cv2.blur(power, (_ABOUT, _ABOUT)) * _ABOUT**2 - cv2.blur(power, (_SELF, _SELF)) * _SELF**2
    ratio = power * (_ABOUT**2 - _SELF**2) / np.maximum(about, _LEAST)
    return np.where(_looked_at(side), ratio, np.float32(0))


def strongest(spectrum: Map) -> Wave:
    place = np.unravel_index(int(spectrum.argmax()), spectrum.shape)
    return Wave(height=float(spectrum[place]), place=(int(place[0]), int(place[1])))


def levels_of(wave: Wave, channel: Map, mask: Mask) -> float:
    """How many levels a wave of a texture's spectrum swings in the channel itself, less what is slow there."""
    side = cv2.getOptimalDFTSize(max(channel.shape))
    down, across = (np.arange(length) * (2j * np.pi / side) for length in channel.shape)
    rough = _rough(channel, mask.astype(np.float32))
    met = np.exp(-down * wave.place[0]) @ rough @ np.exp(-across * wave.place[1])
    return 2 * float(np.abs(met)) / max(int(mask.sum()), 1)


def without_blocks(spectrum: Map) -> Map:
    """The spectrum of a square of 256 pixels less the waves that JPEG's blocks of 8 make of paper without grain: where the
    same pattern stands in every block, or turned over in every other one."""
    down = np.minimum(np.arange(spectrum.shape[0]) % _BLOCK, -np.arange(spectrum.shape[0]) % _BLOCK)
    across = np.minimum(np.arange(spectrum.shape[1]) % _BLOCK, -np.arange(spectrum.shape[1]) % _BLOCK)
    return np.where((down[:, None] <= 2) & (across[None, :] <= 2), np.float32(0), spectrum)


def near(spectrum: Map, wave: Wave) -> float:
    """How far the same wave, or one a bin or two beside it, stands out in another spectrum of the same size."""
    row, column = wave.place
    rows = np.arange(row - 2, row + 3) % spectrum.shape[0]
    return float(spectrum[rows, max(column - 2, 0) : column + 3].max())


def _looked_at(side: int) -> Mask:
    down = np.abs(np.fft.fftfreq(side).astype(np.float32))[:, None]
    across = np.abs(np.fft.rfftfreq(side).astype(np.float32))[None, :]
    least, slope = _AXIS * 2 / 3, _AXIS
    off_axis = (across > np.maximum(least, slope * down)) & (down > np.maximum(least, slope * across))
    fine = (np.hypot(down, across) > _SLOWEST) & (np.maximum(down, across) < _FASTEST)
    return np.asarray(off_axis & fine, np.bool_)
