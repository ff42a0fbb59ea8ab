"""A host as somebody types it becomes one that can be a brand's own, or a reason why not. Pure."""

import re

from townhall.outbound.logic.links import SHORTENERS, unicode_host

MOST = 253
"""Characters of a host name (RFC 1035, 2.3.4)."""
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_SHARED = frozenset(
    ["ac", "co", "com", "edu", "gob", "gov", "gouv", "ltd", "ne", "net", "nom", "or", "org", "plc", "sch"]
)
"""First labels of endings that strangers share, such as ``co.uk``; not the whole public list, which changes weekly."""


def own_host(typed: str) -> str:
    """The host in what was typed, in lower-case Unicode: a whole address is cut down to it. "" when there is none."""
    place = typed.strip().split("://", 1)[-1]
    place = re.split(r"[/?#\\]", place, maxsplit=1)[0].rpartition("@")[2]
    return unicode_host(place.rsplit(":", 1)[0] if place.count(":") == 1 else place)


def why_not_own(host: str) -> str:
    """Why this host cannot be a brand's own ("" when it can): everything below it would be trusted."""
    labels = host.split(".")
    if len(host) > MOST or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        return "Write a host such as shop.example.org."
    if labels[-1].isdigit():
        return "A number is no host of a brand: it may belong to somebody else tomorrow."
    if len(labels) == 2 and labels[0] in _SHARED and len(labels[1]) == 2:
        return f"Everybody can have a host below {host}. Name your own."
    if host in SHORTENERS:
        return f"{host} hides where links lead, and belongs to everybody who uses it."
    return ""
