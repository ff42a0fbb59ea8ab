"""Whether an account passes itself off as one of the brand's own, by its handle and its display name."""

import re
from functools import lru_cache

from msgspec import Struct

from townhall.outbound.logic.confusables import passes_for, skeleton
from townhall.outbound.logic.lookalike import one_edit_apart

_CARE = (
    "help", "helps", "helper", "helpers", "helpdesk", "helpline", "support", "supports", "care", "cares", "service",
    "services", "official", "team", "desk", "refund", "refunds", "answers", "real", "live", "assist", "assistance",
    "agent", "agents", "customer", "customers", "client", "clients", "contact", "hotline", "claim", "claims",
    "complaint", "complaints", "verify", "verified", "security", "recovery", "billing", "ask",
)  # fmt: skip
"""Words by which an account says that it answers for a firm."""
_SHORTEST = 5
"""Below this many letters one changed letter makes just another name."""
_LEAST_CORE = 4
"""A name of fewer letters stands in many others by chance."""
_PIECE = re.compile(r"[^\W_]+")


@lru_cache(maxsize=20_000)
def imitates(handle: str, name: str, own: tuple[str, ...]) -> tuple[float, str]:
    """How surely (0 not at all … 1), and whom. Our own handles imitate nobody; fans who only add a word score low."""
    bare = _bare(handle)
    ours = _own(own)
    if not bare or any(bare == one.name for one in ours):
        return 0.0, ""
    return max((_against(bare, name, one) for one in ours), default=(0.0, ""))


def _bare(handle: str) -> str:
    return handle.lstrip("@").partition("@")[0].casefold()


class _Own(Struct, frozen=True):
    """One of our handles: bare, as the eye reads it, and what is left of that without words of care."""

    name: str
    bones: str
    core: str


@lru_cache(maxsize=256)
def _own(handles: tuple[str, ...]) -> tuple[_Own, ...]:
    names = sorted({_bare(handle) for handle in handles} - {""})
    return tuple(_Own(name, _shape(name), _core(_shape(name))) for name in names)


def _shape(name: str) -> str:
    return skeleton(name).replace("_", "").replace(".", "").replace("-", "")


_CARE_SHAPES = tuple(sorted({_shape(word) for word in _CARE}, key=len, reverse=True))


def _core(shape: str) -> str:
    """Without one word of care before and one behind, where enough is left to be a name."""
    before = next((w for w in _CARE_SHAPES if shape.startswith(w) and len(shape) - len(w) >= _LEAST_CORE), "")
    shape = shape[len(before) :]
    behind = next((w for w in _CARE_SHAPES if shape.endswith(w) and len(shape) - len(w) >= _LEAST_CORE), "")
    return shape[: len(shape) - len(behind)]


def _against(bare: str, name: str, own: _Own) -> tuple[float, str]:
    shape, bones = _shape(bare), own.bones
    if shape == bones or passes_for(shape, bones):
        return 1.0, f"@{bare} is written to be read as @{own.name}"
    if len(bones) >= _SHORTEST and abs(len(shape) - len(bones)) <= 1 and one_edit_apart(shape, bones):
        return 0.9, f"@{bare} is one letter away from @{own.name}"
    if len(bones) >= _LEAST_CORE and bones in shape:
        return _added(bare, shape, own)
    if len(own.core) >= _LEAST_CORE and own.core in shape and _only_care(shape, own.core):
        return 0.8, f"@{bare} offers care in the name that @{own.name} has"
    if name and len(bones) >= _SHORTEST and _shape(name.replace(" ", "")) == bones:
        return 0.8, f"@{bare} calls itself by the name of @{own.name}"
    return 0.0, ""


def _only_care(shape: str, core: str) -> bool:
    """Whether all that stands around the name are words of care, at least one of them."""
    before, _, behind = shape.partition(core)
    return bool(before or behind) and all(part in ("", *_CARE_SHAPES) for part in (before, behind))


def _added(bare: str, shape: str, own: _Own) -> tuple[float, str]:
    """Our name with something before or behind it: a word of care makes it pose as us, another may be a fan's. Where our name
    speaks of care itself, no fan takes it for his own."""
    rest = bare.replace(own.name, " ", 1) if own.name in bare else shape.replace(own.bones, " ", 1)
    pieces, said = _PIECE.findall(rest), _shape(rest)
    cares = own.core != own.bones or any(word in said for word in _CARE_SHAPES)
    if cares or not any(piece.isalpha() for piece in pieces):
        return 0.9, f"@{bare} carries the name of @{own.name} and offers care in its stead"
    return 0.4, f"@{bare} carries the name of @{own.name}"
