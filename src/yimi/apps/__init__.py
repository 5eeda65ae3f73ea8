"""Storage and the rules of who may see and do what. Eleven apps in the order of the data:

audit < accounts < places < register < evidence < cases < records < imports < alerts < tasks < plan. An app imports
only those before it. Every write is a function of `actions` (keyword-only, `by=`, `at=`, atomic, audited), every read a
page needs a function of `selectors` that takes the actor.
"""
