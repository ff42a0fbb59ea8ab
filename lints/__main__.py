"""Runs every lint on the project and says what is wrong; exit status 1 if anything is."""

import sys
from pathlib import Path

from lints import purity, sizes, tables, words

LINTS = (tables, sizes, purity, words)


def main(root: Path) -> int:
    """The number of faults, each printed."""
    found = [fault for lint in LINTS for fault in lint.faults(root)]
    for fault in found:
        print(fault)
    print(f"lints: {len(found)} faults" if found else "lints: all is well")
    return len(found)


if __name__ == "__main__":
    sys.exit(1 if main(Path(__file__).resolve().parent.parent) else 0)
