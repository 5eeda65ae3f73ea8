"""What the engines derived, kept on disk: numbered runs, and one child worked out at once.

Nothing here is a fact. `runs` writes a run's tables beside each other and never changes them; which run is in
force is one row of the plan app. `live` works one subject out from its records of this moment, so a page is
right the instant a form is saved. `selectors` reads both for an actor.
"""
