"""Children, persons, households, facilities, and the dated intervals between them."""
