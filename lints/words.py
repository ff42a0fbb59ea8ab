"""What must not be in the project: download addresses, paths of somebody's machine, unfinished work, and chatter.

A lock file once carried the address of a mirror that only its author could reach, and nobody else could install.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

# written in pieces, so that this file does not hold what it forbids
HOSTS = (
    "registry.npm" + "js.org",
    "files.python" + "hosted.org",
    "pypi" + ".org/simple",
    "registry.yarn" + "pkg.com",
)
RULES = {
    re.compile(
        "|".join(re.escape(host) for host in HOSTS) + r"|arti" + r"factory|\"resolved\":\s*\"http"
    ): "a download address",
    re.compile(r"(?<![\w.])/(?:work|home/\w+|Users/\w+|root)/"): "a path of somebody's machine",
    re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|NotImplemented" + r"Error)\b"): "unfinished work",
    re.compile(
        r"(?i)\b(?:issue|ticket)\s+#?\d+\b|\b(?:chat" + r"gpt|copi" + r"lot|cla" + r"ude|anthro" + r"pic)\b"
    ): "chatter",
}
_TEXT = {
    ".py", ".md", ".toml", ".lock", ".json", ".yaml", ".yml", ".html", ".css", ".js", ".txt", ".sql", ".cfg", ".in", "",
}  # fmt: skip

ESCAPES = {
    ("src/townhall/enrich/", "a path of somebody's machine"): "texts that people write are data there",
    ("LICENSE", "chatter"): "not ours to word",
}
"""Where a path begins and which rule → why it may."""


def faults(root: Path) -> list[str]:
    """Every forbidden word in a text file that is, or would be, committed."""
    return [fault for path in _files(root) for fault in _faults_in(root / path, path)]


def _faults_in(path: Path, shown: str) -> Iterator[str]:
    try:
        lines = path.read_text().splitlines()
    except (UnicodeDecodeError, FileNotFoundError):
        return
    for number, line in enumerate(lines, 1):
        for rule, why in RULES.items():
            found = rule.search(line)
            if found and not any(shown.startswith(where) and why == what for where, what in ESCAPES):
                yield f"{shown}:{number}: {why}: {found[0]}"


def _files(root: Path) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        names = [str(path.relative_to(root)) for path in sorted(root.rglob("*")) if path.is_file()]
    else:
        names = listed.stdout.splitlines()
    return [name for name in names if Path(name).suffix in _TEXT]
