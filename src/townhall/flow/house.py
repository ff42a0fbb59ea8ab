"""What a worker keeps in mind between batches: accounts, policies, calendars, models. Read anew when they change."""

from pathlib import Path
from typing import Any

from psycopg import Connection

from townhall.calendar import ALWAYS, Timetable, parse_calendar
from townhall.enrich import Understanding
from townhall.intake import store as intake
from townhall.kernel.clock import MINUTE, SECOND, Instant, to_datetime
from townhall.people import brands
from townhall.policy import store as policies
from townhall.policy.logic import Policy, Verdict, parse_policy
from townhall.routing import store as routing
from townhall.routing.logic import Target, Terms
from townhall.vault import Keys

_REFRESH = 2 * SECOND
_ALWAYS = Timetable(ALWAYS)
MAIN_CALENDAR = "default"
"""The calendar that ``now.open`` speaks of."""


class House:
    """Accounts, active policy and timetables of every brand, with the models that understand a text."""

    def __init__(self, keys: Keys, models: Path | None = None) -> None:
        self.keys = keys
        self.understanding = Understanding.load(models)
        self.understanding.enrich(["ready"])  # loads patterns before any transaction waits for them
        self.accounts: dict[int, intake.Account] = {}
        self.brands: dict[int, brands.Brand] = {}
        self.policies: dict[int, Policy] = {}
        self.policy_ids: dict[int, int] = {}
        self.timetables: dict[tuple[int, str], Timetable] = {}
        self._moments: dict[tuple[int, int], tuple[int, int, bool]] = {}
        self._versions: dict[int, Policy] = {}
        self._terms: dict[tuple[int, int, str], Terms] = {}
        self._calendars: dict[tuple[int, str], int] = {}
        self._read = 0

    def refresh(self, connection: Connection[Any], now: Instant, *, must: bool = False) -> None:
        """Reads what changed. At most every two seconds, unless something unknown has turned up (``must``)."""
        if not must and now - self._read < _REFRESH:
            return
        self._read = now
        self.accounts = intake.accounts(connection)
        self.brands = brands.all_brands(connection)
        for brand, version, source in policies.active(connection, list(self._versions)):
            if source is not None:
                self._versions[version] = parse_policy(source)
            self.policies[brand], self.policy_ids[brand] = self._versions[version], version
        for brand, slug, number, document in routing.calendars(connection):
            if self._calendars.get((brand, slug)) != number:
                self._calendars[brand, slug] = number
                self.timetables[brand, slug] = Timetable(parse_calendar(document | {"version": number}))
                self._moments.clear()
                self._terms.clear()

    def timetable(self, brand: int, calendar: str) -> Timetable:
        """The timetable of a brand's calendar; round the clock when there is none of that name."""
        return self.timetables.get((brand, calendar), _ALWAYS)

    def moment(self, brand: int, at: Instant) -> tuple[int, int, bool]:
        """Hour and weekday (0 is Monday) in the brand's own zone, and whether its main calendar is open then.

        Kept by the minute: calendars change state on whole minutes, and posts come many to a minute.
        """
        minute = at // MINUTE
        held = self._moments.get((brand, minute))
        if held is None:
            local = to_datetime(at).astimezone(self.brands[brand].zone_info())
            is_open = self.timetable(brand, MAIN_CALENDAR).is_open(minute * MINUTE)
            held = local.hour, local.weekday(), is_open
            if len(self._moments) > 50_000:
                self._moments.clear()
                self._terms.clear()
            self._moments[brand, minute] = held
        return held

    def policy_of(self, version: int, connection: Connection[Any]) -> Policy:
        """A policy by version, also one that is no longer active."""
        if version not in self._versions:
            self._versions[version] = parse_policy(policies.source(connection, version))
        return self._versions[version]

    def terms(self, connection: Connection[Any], brand: int, version: int, rule: str) -> Terms:
        """What a rule of a policy version promises."""
        held = self._terms.get((brand, version, rule))
        if held is None:
            found = _promised(self.policy_of(version, connection), rule)
            first, next_ = Target(found.first_response), Target(found.next_response)
            held = self._terms[brand, version, rule] = Terms(
                first, next_, self.timetable(brand, found.calendar)
            )
        return held

    def target(self, version: int, rule: str, metric: str) -> tuple[Instant, str]:
        """The working time a rule promises for a metric, and its calendar."""
        found = _promised(self._versions[version], rule)
        return found.first_response if metric == "first_response" else found.next_response, found.calendar


def _promised(policy: Policy, rule: str) -> Verdict:
    """The verdict of one rule, "" for the policy's defaults."""
    return next((found.verdict(()) for found in policy.rules if found.id == rule), policy.otherwise)
