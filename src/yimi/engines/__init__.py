"""Evaluation: tables in, tables out. Engines do not fetch, save, read the clock or call each other.

`columns` types the records, `facts` makes one row a subject, `due` works out what should happen by when,
`entitlement` who has a right to what, `indicators` how the district is doing, `because` why.
"""
