"""Cascades: screened → positive → referred → diagnosed → treated, child by child.

In: facts of a day (and pathway states, where a stage asks for a step). Out: table `cascades`, a row a child and
round with its deepest stage; findings, the children who wait longer than allowed; and queries that add the table
up. `compiled` prints a cascade as one scan, `counts` adds up, `stuck` finds who waits.
"""

from yimi.engines.cascade.compiled import build_cascades, rounds
from yimi.engines.cascade.counts import CUTS, counts_query, days_query
from yimi.engines.cascade.stuck import stuck

__all__ = ["CUTS", "build_cascades", "counts_query", "days_query", "rounds", "stuck"]
