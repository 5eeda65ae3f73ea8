"""How long does it take to make the district and serve-ready its first turn?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.keep import DAY, yimi


def run(directory: Path, children: int) -> dict[str, Any]:
    told, seconds, memory = yimi("demo", "--children", str(children), "--dir", str(directory), "--as-of", DAY, "--no-serve",
                                 "--no-history", "--json")  # fmt: skip
    return {
        "children": told["children"],
        "records": told["records"],
        "seconds": round(seconds, 1),
        "peak_mib": round(memory),
    }
