"""Makes the made-up town (``tests/desk/town.py``) importable here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "desk"))

from counted import count

__all__ = ["count"]
