"""How the district is doing: every indicator, cut by place, sex and age, from one definition.

In: facts and pathway states of a day. Out: figures, a row an indicator, item and cell, with numerator,
denominator, value and interval. `compiled` turns indicators into columns of one scan, `figures` runs it and
works out values, `lights` reads targets off them.
"""

from yimi.engines.indicators.figures import Figure, evaluate_indicators
from yimi.engines.indicators.lights import Light, Reading, read_target

__all__ = ["Figure", "Light", "Reading", "evaluate_indicators", "read_target"]
