"""Whom a statement may reach now, in whose words exactly, and who is left out and why. The same for preview and sending.

A fixed number of queries for all cases together; then the guard judges each filled text as it judges every other.
"""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall.desk import statements as desk
from townhall.desk.reply_place import Place
from townhall.desk.statements import Known
from townhall.flow.outbound_gather import around, saying_at, stop_over
from townhall.kernel.clock import Instant
from townhall.outbound.logic.guard import judge
from townhall.outbound.logic.seal import digest_of
from townhall.outbound.logic.statement import Standing, Statement, exclusion, filled, lifts
from townhall.outbound.logic.words import COMPLIANCE, LEAD, Allow, Block, Decision, Hold, Saying, Stop, Term
from townhall.outbound.store import statements as store
from townhall.outbound.store import stops, terms
from townhall.outbound.store.statements import LeftOut, Reply

MOST = 1_000
"""Cases of one statement."""
SOMEBODY = LEAD | COMPLIANCE
"""Roles of whoever will approve, as long as nobody has."""
House = tuple[tuple[Term, ...], tuple[str, ...]]
"""Words that a brand's texts are held to, and its own hosts."""
Wants = Mapping[int, list[tuple[str, list[list[str]]]]]
"""Case → what the policy wants approved there: (rule, steps of roles)."""


class Fit(Struct, frozen=True):
    """A case that may get it: where, and exactly what. ``decision`` is the guard's."""

    place: Place
    saying: Saying
    decision: Decision


class Checked(Struct, frozen=True):
    """``fit`` in order of their cases; ``left_out`` likewise, with ``accounts`` and newest posts of both in ``places``. ``stop``: the
    first stop of outbound that is in the way of one of them."""

    fit: tuple[Fit, ...]
    left_out: tuple[LeftOut, ...]
    places: dict[int, Place]
    stop: Stop | None = None


class Asked(Struct, frozen=True):
    """Some cases of a statement. ``roles`` are those of whoever approves; ``seen`` what was seen of each when its approval was asked
    for."""

    statement: Statement
    cases: Sequence[int]
    roles: frozenset[str] = SOMEBODY
    seen: Mapping[int, Reply] = {}


def check(
    conn: Connection[Any],
    statement: Statement,
    cases: Sequence[int],
    now: Instant,
    *,
    roles: frozenset[str] = SOMEBODY,
    seen: Mapping[int, Reply] | None = None,
) -> Checked:
    """Looks at these cases as they are now, as ``Asked`` has it. Six queries."""
    return check_all(conn, statement.brand_id, [Asked(statement, cases, roles, seen or {})], now)[0]


def check_all(conn: Connection[Any], brand: int, asked: Sequence[Asked], now: Instant) -> list[Checked]:
    """The same for several statements of a brand, in their order. Six queries, whatever is asked."""
    standing = stops.standing(conn)
    known = desk.known(conn, brand, [(one.statement, one.cases) for one in asked], now)
    looks = [_Look(one, known[one.statement.id], standing) for one in asked]
    house = (tuple(kept.term for kept in terms.terms(conn, brand)), terms.domains(conn, brand))
    wanted = desk.wanted(conn, brand, [place.case_id for look in looks for place in look.able])
    said = store.said(conn, [digest for look in looks for digest in look.digests])
    return [_checked(look, house, wanted, said) for look in looks]


class _Look:
    """What is known of the cases of a statement: those that nothing but the guard can leave out, with what each would be told."""

    def __init__(self, asked: Asked, known: Sequence[Known], standing: Sequence[Stop]) -> None:
        self.asked, self.known = asked, known
        self.places = {one.place.case_id: one.place for one in known}
        barring = [
            stop_over(list(standing), one.place.brand_id, one.place.channel, one.place.account_id)
            for one in known
        ]
        self.stop = next((stop for stop in barring if stop), None)
        self.left_out = [LeftOut(case, "unknown") for case in asked.cases if case not in self.places]
        self.able: list[Place] = []
        statement = asked.statement
        for one, stop in zip(known, barring, strict=True):
            stands = replace(_since(one, asked.seen.get(one.place.case_id)), stopped=bool(stop))
            if why := exclusion(stands, statement.text, statement.language):
                self.left_out.append(LeftOut(one.place.case_id, why))
            else:
                self.able.append(one.place)
        self.sayings = [
            saying_at(place, "public", filled(statement.text, place.to_name, place.to_handle))
            for place in self.able
        ]
        self.digests = [digest_of(saying) for saying in self.sayings]


def _checked(look: _Look, house: House, wanted: Wants, said: Set[bytes]) -> Checked:
    fit, refused = _judged(look, house, wanted, said)
    fit, again = _once_each(fit, {one.place.case_id: one.customer for one in look.known})
    everyone = tuple(sorted([*look.left_out, *refused, *again], key=lambda one: one.case))
    return Checked(tuple(fit), everyone, look.places, look.stop)


def _once_each(fit: Sequence[Fit], customers: Mapping[int, int]) -> tuple[list[Fit], list[LeftOut]]:
    """The first case of each person, and their others: nobody is told the same twice in public."""
    first: dict[int, int] = {}
    for one in fit:
        first.setdefault(customers[one.place.case_id], one.place.case_id)
    kept = set(first.values())
    again = [LeftOut(one.place.case_id, "person") for one in fit if one.place.case_id not in kept]
    return [one for one in fit if one.place.case_id in kept], again


def _since(one: Known, reply: Reply | None) -> Standing:
    if reply is None:
        return one.standing
    return replace(one.standing, seen_post=reply.seen_post, changed=one.changed_at > reply.seen_at)


def _judged(look: _Look, house: House, wanted: Wants, said: Set[bytes]) -> tuple[list[Fit], list[LeftOut]]:
    """The guard on each text; those it blocks, and those it would hold for what the statement's approval does not lift, are left out."""
    fit, left_out = [], []
    for place, saying, digest in zip(look.able, look.sayings, look.digests, strict=True):
        rules = wanted.get(place.case_id, [])
        decision = judge(saying, around(place, saying, house, rules, already_said=digest in said))
        if why := _refusal(decision, saying, look.asked.statement, look.asked.roles):
            left_out.append(LeftOut(place.case_id, why, decision.why))
        else:
            fit.append(Fit(place, saying, decision))
    return fit, left_out


def _refusal(decision: Decision, saying: Saying, statement: Statement, roles: frozenset[str]) -> str:
    if isinstance(decision, Block):
        kinds = {remark.finding.kind for remark in decision.remarks}
        return "twice" if kinds == {"already_said"} else "guard"
    if isinstance(decision, Allow):
        return ""
    assert isinstance(decision, Hold)
    if lifts(decision, saying.text, statement.text, roles):
        return ""
    only_wanted = all(remark.finding.kind == "needs_approval" for remark in decision.remarks)
    return "approval" if only_wanted else "guard"
