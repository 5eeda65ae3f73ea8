"""`python -m yimi.sites.specimen --out DIR`: write the pattern book as static pages."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .book import set_up, write


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m yimi.sites.specimen", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pages; created when absent")
    arguments = parser.parse_args()
    set_up()
    count = write(arguments.out)
    sys.stdout.write(f"{count} pages in {arguments.out}: open index.html\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
