"""Cascades: screened → positive → referred → diagnosed → treated, child by child.

In: facts of a day (and pathway states, where a stage asks for a step). Out: table `cascades`, a row a child and
round with its deepest stage; `cascade_counts` and `cascade_days`, what pages show; findings, the children who
wait longer than allowed. `compiled` prints a cascade as one scan, `counts` adds it up, `stuck` finds who waits.
"""

from yimi.engines.cascade.compiled import build_cascades, rounds
from yimi.engines.cascade.counts import count_cascades
from yimi.engines.cascade.stuck import stuck

__all__ = ["build_cascades", "count_cascades", "rounds", "stuck"]
