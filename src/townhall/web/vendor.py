"""Copies what pages need from ``node_modules`` into our static folder: ``python -m townhall.web.vendor``."""

import shutil
import sys
from pathlib import Path

from townhall.web.assets import ROOT

FILES = (
    "htmx.org/dist/htmx.min.js",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
)


def copy_vendor(modules: Path, into: Path) -> list[Path]:
    """Copies each named file; raises ``FileNotFoundError`` naming the first that is missing."""
    into.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copyfile(modules / name, into / Path(name).name)) for name in FILES]


if __name__ == "__main__":
    copy_vendor(Path(sys.argv[1] if len(sys.argv) > 1 else "node_modules"), ROOT / "vendor")
