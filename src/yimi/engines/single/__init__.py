"""One subject at once, without a database: the register's own compiled columns, executed in Python.

DuckDB answers sixty thousand children in seconds, but needs a tenth of a second to set up the buffers of a
thousand columns for one. So the SQL text that `due.compiled` and `entitlement` print is translated, expression
by expression, and not the rules a second time: `expressions` reads the text, `meaning` is what each operator
and function of it does, `facts` gathers the one wide row. `tests/properties` hold all three against DuckDB.
"""
