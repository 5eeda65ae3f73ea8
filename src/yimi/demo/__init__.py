"""A made-up district: the same for a seed. For the demo, tests, benchmarks and screenshots."""
