"""What somebody promised: one accountable body, a deadline, proof, a second person."""
