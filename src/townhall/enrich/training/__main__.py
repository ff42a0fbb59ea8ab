"""``python -m townhall.enrich.training [SETS] [OUT] [HEAD…]``: trains, prints the report as JSON."""

import json
import os
import sys
from pathlib import Path

from townhall.enrich.training import train
from townhall.enrich.weights import SHIPPED


def main(arguments: list[str]) -> None:
    """Train from the folder of sets (default ``TOWNHALL_DATASETS``) into the shipped models' folder."""
    sets = Path(arguments[0] if arguments else os.environ.get("TOWNHALL_DATASETS", "../shared/data"))
    out = Path(arguments[1]) if len(arguments) > 1 else SHIPPED
    sys.stdout.write(json.dumps(train(sets, out, tuple(arguments[2:])), indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
