"""The pattern book: every page with made-up contexts, drawn without a database.

The fixtures are the executable contract between views and templates: a view gives a page what the specimen
of the same name gives it. `python -m yimi.sites.specimen --out DIR` writes all pages in both languages.
"""
