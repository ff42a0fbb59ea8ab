"""What a brand forbids, requires and allows in its texts, and which hosts are its own: each act with its fact."""

from typing import Any, get_args

from psycopg import Connection

from townhall import journal
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.outbound.logic.hosts import own_host, why_not_own
from townhall.outbound.logic.words import Severity, Term
from townhall.outbound.store import terms as store
from townhall.people.doors import Asker, require

KINDS = ("forbidden", "required", "allowed")
LONGEST = 200
"""Characters of a term, or of its reason."""


def add_term(conn: Connection[Any], asker: Asker, term: Term, now: Instant) -> int:
    """From now on texts are held to the term. Raises ``Refused`` for one that no guard could use."""
    require(asker, "manage_policy")
    _check(term)
    if any(one.term.kind == term.kind and _same(one.term, term) for one in store.terms(conn, asker.brand_id)):
        raise Conflict(f"“{term.words}” is {term.kind} already. End the old one first.")
    made = store.add_term(conn, asker.brand_id, term, asker.name, now)
    _say(conn, asker, "term.added", f"term/{made}", now, {"kind": term.kind, "severity": term.severity})
    return made


def end_term(conn: Connection[Any], asker: Asker, term_id: int, now: Instant) -> None:
    """Texts are no longer held to it. Raises ``NotFound`` when it is not in force."""
    require(asker, "manage_policy")
    if not store.end_term(conn, asker.brand_id, term_id, now):
        raise NotFound("That term is not in force any more.")
    _say(conn, asker, "term.ended", f"term/{term_id}", now, {})


def add_host(conn: Connection[Any], asker: Asker, typed: str, now: Instant) -> str:
    """Links to this host, and to hosts below it, count as the brand's own. Gives the host as it is kept."""
    require(asker, "manage_policy")
    host = own_host(typed)
    if why := why_not_own(host):
        raise Refused(why)
    store.add_domain(conn, asker.brand_id, host)
    _say(conn, asker, "host.added", f"host/{host}", now, {})
    return host


def drop_host(conn: Connection[Any], asker: Asker, host: str, now: Instant) -> None:
    """Links to it are judged like a stranger's again. Raises ``NotFound``."""
    require(asker, "manage_policy")
    if not store.drop_domain(conn, asker.brand_id, host):
        raise NotFound("That host is not among the brand's own.")
    _say(conn, asker, "host.dropped", f"host/{host}", now, {})


def _check(term: Term) -> None:
    if term.kind not in KINDS or term.severity not in get_args(Severity):
        raise Refused(
            "Words are forbidden, required or allowed, and a text without fault is held or blocked."
        )
    if not term.words.strip() or len(term.words) > LONGEST or len(term.trigger) > LONGEST:
        raise Refused(f"Write the words, at most {LONGEST} characters.")
    if not term.reason.strip() or len(term.reason) > LONGEST:
        raise Refused(f"Write the reason, at most {LONGEST} characters: whoever is held will read it.")
    if term.trigger and term.kind != "required":
        raise Refused("Only required words can depend on other words.")


def _same(old: Term, new: Term) -> bool:
    return old.words.casefold() == new.words.casefold() and old.trigger.casefold() == new.trigger.casefold()


def _say(
    conn: Connection[Any], asker: Asker, what: str, subject: str, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.{what}", subject=subject, time=now, brand=asker.brand_id, actor=asker.actor, data=data
    )
    journal.append(conn, [fact])
