"""What somebody must know: one open alert per cause."""
