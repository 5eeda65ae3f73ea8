"""What happened, entered once: append-only records and what they decide."""
