"""The policies that pages speak of, read once each: the version in force, and any other by its text."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache, partial

from msgspec import Struct

from townhall.desk import policy_versions
from townhall.desk.policy_versions import VersionView
from townhall.enrich import Understanding
from townhall.kernel.errors import NotFound, Refused
from townhall.policy.logic import Policy, parse_policy
from townhall.web.pages.brand import Guest
from townhall.web.patient import patiently


class Read(Struct, frozen=True):
    """A version with what it says. ``policy`` is None for a draft that cannot be read; ``wrong`` then says why."""

    version: VersionView
    policy: Policy | None
    wrong: str = ""


@lru_cache(maxsize=32)
def parsed(source: str) -> Policy:
    """A policy by its exact text, compiled once."""
    return parse_policy(source)


def in_force(here: Guest) -> tuple[VersionView, Policy] | None:
    """The brand's active version and what it says, or None for a brand that has none. Three queries."""
    try:
        found = policy_versions.active(here.conn, here.asker)
    except NotFound:
        return None
    return found, patiently(here.conn, partial(parsed, found.source))


def version(here: Guest, number: int) -> Read:
    """A version by its number, with what it says. Raises ``NotFound``. Three queries."""
    found = policy_versions.version(here.conn, here.asker, number)
    try:
        return Read(found, patiently(here.conn, partial(parsed, found.source)))
    except Refused as refused:
        return Read(found, None, str(refused))


@lru_cache(maxsize=1)
def _loading() -> Future[Understanding]:
    return ThreadPoolExecutor(1, "models").submit(_load)


def _load() -> Understanding:
    loaded = Understanding.load(None)
    loaded.enrich(["ready"])  # its patterns are compiled with the first text
    return loaded


def make_ready() -> None:
    """Begins to load what understands a pasted text: somebody is about to need it, and it takes seconds."""
    _loading()


def reader(here: Guest) -> Understanding:
    """What understands a pasted text. Raises ``Unavailable`` when it is not there in time."""
    return patiently(here.conn, _loading().result)
