"""Surveillance: events told by several sources, each once; how many nobody told; which must be known at once."""

from yimi.engines.surveillance.capture import Estimate, chapman
from yimi.engines.surveillance.events import build_events, together
from yimi.engines.surveillance.noticed import noticed
from yimi.engines.surveillance.season import Compared, compared

__all__ = ["Compared", "Estimate", "build_events", "chapman", "compared", "noticed", "together"]
