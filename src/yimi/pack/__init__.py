"""YAML in, one validated and frozen `Pack` out: the plan and the norms as data.

`read` turns text into nodes that remember their place, `schema` says what may stand in a declaration,
`load` joins the packs a city extends, `check` runs every check and every test child.
"""
