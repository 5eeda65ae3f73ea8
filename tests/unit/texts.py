"""The characters any text may have, for Hypothesis: all but the surrogates, as in its own `text()`.

Said by category and not by codec: for a codec Hypothesis tries every character there is, two seconds a worker
on a machine that has not yet run it.
"""

from hypothesis import strategies as st

CHARACTERS = st.characters(exclude_categories=("Cs",))
