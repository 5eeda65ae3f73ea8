"""Median, spread and skew of height, body-mass index and head size by age: WHO values at a few ages.

Good enough to make measurements that look like children's; never used to judge one. The tables for that are
the pack's (`growth/`), and the engine's z-scores come close to the z these curves were given.
"""

from __future__ import annotations

import numpy as np

from yimi.demo.draw import Bools, Floats, Ints

# WHO Child Growth Standards 2006 and Reference 2007, rounded. Ages in days; (median, coefficient of variation).
AGES = [0, 30, 91, 183, 243, 365, 548, 731, 913, 1096, 1461, 1826, 2191, 2557]
HEIGHT = {
    True: (
        [49.9, 54.7, 61.4, 67.6, 70.6, 75.7, 82.3, 87.1, 91.9, 96.1, 103.3, 110.0, 116.0, 121.7],
        [
            0.038,
            0.0356,
            0.0333,
            0.0317,
            0.0312,
            0.0314,
            0.0328,
            0.0351,
            0.037,
            0.0386,
            0.0406,
            0.0421,
            0.0425,
            0.0434,
        ],
    ),
    False: (
        [49.1, 53.6, 59.8, 65.8, 68.7, 74.0, 80.7, 85.7, 90.7, 95.1, 102.7, 109.4, 115.1, 120.8],
        [
            0.0379,
            0.0364,
            0.0352,
            0.0345,
            0.0344,
            0.0348,
            0.036,
            0.0376,
            0.0389,
            0.0401,
            0.0419,
            0.0435,
            0.0445,
            0.0453,
        ],
    ),
}
BMI = {
    True: (
        [13.41, 14.91, 16.9, 17.34, 17.27, 16.8, 16.14, 16.02, 15.8, 15.6, 15.33, 15.23, 15.31, 15.48],
        [
            0.0956,
            0.0904,
            0.085,
            0.0823,
            0.0814,
            0.0801,
            0.0787,
            0.0779,
            0.0784,
            0.0793,
            0.0824,
            0.0855,
            0.0868,
            0.0907,
        ],
        [-0.31, 0.27, 0.01, -0.19, -0.28, -0.41, -0.55, -0.62, -0.43, -0.31, -0.36, -0.7, -0.99, -1.25],
    ),
    False: (
        [13.34, 14.54, 16.35, 16.91, 16.84, 16.36, 15.73, 15.69, 15.53, 15.4, 15.26, 15.26, 15.27, 15.4],
        [
            0.0927,
            0.0956,
            0.0926,
            0.0904,
            0.0894,
            0.088,
            0.0865,
            0.0845,
            0.0844,
            0.0854,
            0.0917,
            0.0972,
            0.102,
            0.1075,
        ],
        [-0.06, 0.35, 0.07, -0.14, -0.23, -0.37, -0.5, -0.57, -0.57, -0.57, -0.57, -0.72, -1.08, -1.26],
    ),
}
HEAD = {
    True: ([34.5, 37.2, 40.5, 43.3, 44.5, 46.1, 47.4, 48.3, 48.9, 49.5, 50.2, 50.7, 51.1, 51.4], 0.0285),
    False: ([33.9, 36.5, 39.5, 42.2, 43.4, 44.9, 46.2, 47.2, 47.9, 48.5, 49.3, 49.9, 50.3, 50.6], 0.0303),
}


def _curve(age: Ints, values: list[float]) -> Floats:
    """Between two ages in proportion to the square root of age: children grow fast, then slowly."""
    return np.interp(np.sqrt(age.astype(np.float64)), np.sqrt(np.array(AGES, dtype=np.float64)), values)


def height_cm(age: Ints, male: Bools, z: Floats) -> Floats:
    boys, girls = (_curve(age, HEIGHT[s][0]) * (1 + _curve(age, HEIGHT[s][1]) * z) for s in (True, False))
    return np.where(male, boys, girls)


def body_mass_index(age: Ints, male: Bools, z: Floats) -> Floats:
    """z of the WHO kind: a power of the median's multiple is normal."""
    out = []
    for sex in (True, False):
        median, spread, power = (_curve(age, values) for values in BMI[sex])
        power = np.where(np.abs(power) < 0.05, 0.05, power)
        out.append(median * np.maximum(1 + power * spread * z, 0.3) ** (1 / power))
    return np.where(male, out[0], out[1])


def head_cm(age: Ints, male: Bools, z: Floats) -> Floats:
    boys, girls = (_curve(age, HEAD[s][0]) * (1 + HEAD[s][1] * z) for s in (True, False))
    return np.where(male, boys, girls)
