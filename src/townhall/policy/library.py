"""The starter policies that come with the house, by trade."""

from functools import cache
from importlib import resources

from msgspec import Struct

from townhall.kernel.errors import NotFound
from townhall.policy.logic import parse_policy

PLAIN = "default"
"""The policy of a brand that chose none."""


class Pack(Struct, frozen=True):
    """A starter policy: its name, what it is for (the remark at its top), how many rules it has."""

    name: str
    about: str
    rules: int


@cache
def packs() -> tuple[Pack, ...]:
    """Every starter policy, by name."""
    return tuple(
        Pack(name, _about(source(name)), len(parse_policy(source(name)).rules))
        for name in sorted(
            one.name.removesuffix(".yaml") for one in _folder().iterdir() if one.name.endswith(".yaml")
        )
    )


def source(name: str) -> str:
    """The exact text of a starter policy. Raises ``NotFound``."""
    file = _folder() / f"{name}.yaml"
    if not name.isidentifier() or not file.is_file():
        known = ", ".join(sorted(one.name.removesuffix(".yaml") for one in _folder().iterdir()))
        raise NotFound(f"there is no starter policy {name}; there are {known}")
    return file.read_text(encoding="utf-8")


def _folder() -> "resources.abc.Traversable":
    return resources.files("townhall.policy") / "starter"


def _about(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(lines)
