"""`python -m yimi.cli`, for where the script is not on the path."""

import sys

from yimi.cli import main

sys.exit(main())
