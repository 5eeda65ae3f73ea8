"""Small things every layer may use, one subject a module: dates, identifiers, errors, text."""
