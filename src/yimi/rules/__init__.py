"""The rule language: the expression part of SQL, read into a small checked tree.

`tree` is the tree, `parse` reads text into it, `check` gives types and finds what does not exist, `sql`
prints it for DuckDB, `words` prints it for people. There is no SELECT, no assignment and no escape to code.
Missing is unknown (SQL NULL), never "no".
"""
