"""What is promised to a case at a moment: a rule's targets for its priority, channel and tier, in hours as they then were.

A promise is reckoned by the version of a calendar that was the newest when its message was written. So hours that are
changed later count for what is promised from then on, and nothing that stands is moved, unless somebody says so: that is an act of its
own, from whose moment a version counts for the promises that stand then. What ended before keeps its hours.
"""

from bisect import bisect_right
from functools import lru_cache
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.calendar import ALWAYS, Timetable, parse_calendar
from townhall.kernel.clock import SECOND, Instant
from townhall.policy import store as policies
from townhall.policy.logic import PRIORITIES, Level, Policy, Promised, Targets, Verdict, parse_policy
from townhall.policy.logic.targets import CAUSES, RESPONSES
from townhall.routing import store as routing
from townhall.routing.logic import Target, Terms
from townhall.routing.logic.meter import Measure

FOREVER: Instant = 1 << 62
REREAD: Instant = 2 * SECOND
"""How old the policies and hours may be that a worker has in mind."""
ROUND_THE_CLOCK = Timetable(ALWAYS)
_KEPT = 20_000
_PREFIXES = {"person": "staff/", "ai": "ai/", "automation": ("program/", "system/"), "outside": "outside"}


class Ask(Struct, frozen=True):
    """Who asked what of whom: everything that a promise depends on besides the policy's text."""

    brand: int
    policy: int
    rule: str
    priority: int
    channel: str
    tier: str = ""
    hours: str = ""
    """The calendar of the queue it waits in; "" for the rule's own."""


class CaseTerms(Struct, frozen=True):
    """What is promised to a case now: answers, measured metrics, levels at risk, and the hours' name and version."""

    responses: Terms
    measures: dict[str, Measure]
    levels: tuple[Level, ...]
    calendar: str
    version: int
    policy: int
    priority: int


class Hours:
    """Every version of every calendar, by when it was made; and since when one counts for what stood."""

    def __init__(self) -> None:
        self.versions: dict[tuple[int, str], list[tuple[Instant, Timetable]]] = {}
        self.queues: dict[tuple[int, str], str] = {}
        self.recounts: dict[int, list[tuple[Instant, str, int]]] = {}
        """Brand → (since when, calendar, version), oldest first."""
        self._read = self._counted = 0

    def refresh(self, connection: Connection[Any]) -> bool:
        """Reads versions and recounts that are new, and which queues keep hours of their own. Whether anything changed."""
        fresh = routing.calendars(connection, self._read)
        for row, brand, slug, number, document, made in fresh:
            table = Timetable(parse_calendar(document | {"version": number}))
            self.versions.setdefault((brand, slug), []).append((made, table))
            self._read = row
        counted = routing.recounts(connection, self._counted)
        for row, brand, slug, number, since in counted:
            self.recounts.setdefault(brand, []).append((since, slug, number))
            self._counted = row
        queues = routing.queue_calendars(connection)
        changed = bool(fresh or counted) or queues != self.queues
        self.queues = queues
        return changed

    def timetable(self, brand: int, calendar: str, at: Instant = FOREVER, counted: Instant = 0) -> Timetable:
        """Working time by the newest version made until ``at`` (the first, for what is older than all), or one that was made to
        count for what stood, until ``counted``; round the clock when there is no calendar of that name."""
        versions = self.versions.get((brand, calendar))
        if versions is None:
            return ROUND_THE_CLOCK
        if at >= versions[-1][0]:
            return versions[-1][1]
        place = bisect_right(versions, at, key=lambda version: version[0])
        least = self._least(brand, calendar, counted) if counted else 1
        return versions[max(min(least, len(versions)), place, 1) - 1][1]

    def _least(self, brand: int, calendar: str, until: Instant) -> int:
        found = [n for since, slug, n in self.recounts.get(brand, ()) if slug == calendar and since <= until]
        return max(found, default=1)

    def numbered(self, brand: int, calendar: str, version: int, at: Instant) -> Timetable:
        """Working time by the version a promise was made in; by its time, for one that does not say (0)."""
        versions = self.versions.get((brand, calendar), [])
        return (
            versions[version - 1][1] if 0 < version <= len(versions) else self.timetable(brand, calendar, at)
        )

    def counted_anew(self, brand: int, after: Instant, until: Instant) -> list[Instant]:
        """The moments in ``after`` < moment <= ``until`` (0: ever) from which hours count for what stood, in order."""
        return sorted(
            {since for since, _, _ in self.recounts.get(brand, ()) if after < since <= (until or FOREVER)}
        )

    def uncounted(self, brand: int) -> list[tuple[str, int]]:
        """The newest version of each calendar of a brand that has older ones, unless it counts for what stood already."""
        newest = [(slug, len(versions)) for (of, slug), versions in self.versions.items() if of == brand]
        return sorted((slug, n) for slug, n in newest if n > self._least(brand, slug, FOREVER))

    def last_counted(self, brand: int) -> Instant:
        """Since when the newest hours of a brand count for what stood; 0 when nobody ever said so."""
        return max((since for since, _, _ in self.recounts.get(brand, ())), default=0)


class Book:
    """Policies of every version and hours of every version: what was promised, whenever it was."""

    def __init__(self) -> None:
        self.hours = Hours()
        self._policies: dict[int, Policy] = {}
        self._terms: dict[Any, CaseTerms] = {}

    def refresh(self, connection: Connection[Any]) -> bool:
        """Reads hours that are new. Whether there were any."""
        changed = self.hours.refresh(connection)
        if changed or len(self._terms) > _KEPT:
            self._terms.clear()
        return changed

    def terms(
        self,
        connection: Connection[Any],
        ask: Ask,
        at: Instant,
        counted: Instant = 0,
        *,
        honour_outages: bool = False,
    ) -> CaseTerms:
        """What is promised to somebody who asks so at that moment; ``counted``: what was made to count until then for
        promises that stood counts too."""
        verdict = self._verdict(connection, ask)
        calendar = ask.hours or verdict.calendar
        table = self.hours.timetable(ask.brand, calendar, at, counted)
        key = (ask, table.calendar.version, honour_outages)
        held = self._terms.get(key)
        if held is None:
            promised = verdict.targets.among(PRIORITIES[ask.priority], ask.channel, ask.tier)
            held = _terms(ask, promised, verdict.targets, table, calendar, honour_outages)
            self._terms[key] = held
        return held

    def _verdict(self, connection: Connection[Any], ask: Ask) -> Verdict:
        if ask.policy not in self._policies:
            self._policies[ask.policy] = _parsed(policies.source(connection, ask.policy))
        policy = self._policies[ask.policy]
        return next((rule.verdict(()) for rule in policy.rules if rule.id == ask.rule), policy.otherwise)


@lru_cache(maxsize=64)
def _parsed(source: str) -> Policy:
    return parse_policy(source)


def _terms(
    ask: Ask, promised: dict[str, Promised], targets: Targets, table: Timetable, calendar: str, honour: bool
) -> CaseTerms:
    found = {metric: _target(one, honour) for metric, one in promised.items()}
    none = Target(0, pauses=CAUSES[-1:] if honour else ())
    first, following = (found.get(metric, none) for metric in RESPONSES)
    measures = {
        metric: Measure(metric, target, table) for metric, target in found.items() if metric not in RESPONSES
    }
    version = table.calendar.version if table is not ROUND_THE_CLOCK else 0
    return CaseTerms(
        Terms(first, following, table), measures, targets.at_risk, calendar, version, ask.policy, ask.priority
    )


def _target(one: Promised, honour: bool) -> Target:
    who: list[str] = []
    for name in one.satisfied_by:
        prefix = _PREFIXES[name]
        who += [prefix] if isinstance(prefix, str) else prefix
    pauses = (*one.pauses, "outage") if honour and "outage" not in one.pauses else one.pauses
    return Target(one.within, tuple(who), one.counts, pauses)
