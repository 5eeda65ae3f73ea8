"""Forms filled on a phone without signal: what a phone takes along, and what it brings back."""
