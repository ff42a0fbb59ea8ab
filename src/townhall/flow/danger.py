"""What a post may do to the firm or to others, beside what its text says: for its verdict, its row and its reasons."""

from msgspec import Struct

from townhall.enrich import FLOORS, Enriched
from townhall.kernel.activity import Activity
from townhall.outbound.logic.imitation import imitates
from townhall.outbound.logic.lookalike import likeness

COPIED_FROM = 3
"""So many others have to have written much the same within an hour, before a post is called copied."""
IMITATES_FROM = 0.7


class OwnNames(Struct, frozen=True):
    """A brand's own hosts and the handles of its accounts."""

    hosts: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()


class Danger(Struct, frozen=True):
    """``link_risk`` and ``imitates`` are 0 to 1; ``kinds`` name what passed its floor, ``signs`` say why."""

    link_risk: float = 0.0
    imitates: float = 0.0
    copies: int = 0
    kinds: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


HARMLESS = Danger()


def danger_of(found: Enriched, act: Activity, own: OwnNames, copies: int) -> Danger:
    """Of one post from outside."""
    like, why = _likest(found.hosts, own.hosts) if found.hosts and own.hosts else (0.0, "")
    poses, who = imitates(act.author_handle, act.author_name, own.handles)
    if not (found.signs or found.link_risk or copies or like or poses):
        return HARMLESS
    signs = []
    if like >= IMITATES_FROM:
        signs.append(f"link: {why}")
    if poses >= IMITATES_FROM:
        signs.append(f"imitation: {who}")
    if copies >= COPIED_FROM:
        signs.append(f"copied: {copies} others wrote much the same within the hour")
    return Danger(max(found.link_risk, like), poses, copies, _kinds(found, like, poses, copies), tuple(signs))


def _likest(hosts: tuple[str, ...], own: tuple[str, ...]) -> tuple[float, str]:
    return max(likeness(host, own) for host in hosts)


def _kinds(found: Enriched, like: float, poses: float, copies: int) -> tuple[str, ...]:
    held = (
        ("abuse", found.abuse_p >= FLOORS["abuse"]),
        ("copied", copies >= COPIED_FROM),
        ("imitation", poses >= IMITATES_FROM),
        ("lookalike_link", like >= IMITATES_FROM),
        ("spam", found.spam_p >= FLOORS["spam"]),
        ("unsafe_link", found.link_risk >= FLOORS["link"]),
        ("urgent", found.urgent_p >= FLOORS["urgent"]),
    )
    return tuple(kind for kind, holds in held if holds)


def kinds(found: Enriched, danger: Danger) -> tuple[str, ...]:
    """Kinds of personal data and of dangers in a post, sorted, once each."""
    if not found.findings:
        return danger.kinds
    return tuple(sorted({*danger.kinds, *(finding.kind for finding in found.findings)}))
