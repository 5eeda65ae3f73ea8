"""Who read and wrote what, when: an append-only chain of rows, written before the bytes leave."""
