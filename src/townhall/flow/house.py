"""What a worker keeps in mind between batches: accounts, policies, calendars, models. Read anew when they change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psycopg import Connection

from townhall.calendar import Timetable
from townhall.enrich import Copies, Understanding
from townhall.flow.danger import OwnNames
from townhall.flow.promised import FOREVER, REREAD, Book
from townhall.flow.taught import TaughtBook
from townhall.intake import store as intake
from townhall.kernel.clock import MINUTE, Instant, to_datetime
from townhall.outbound.store.terms import domains_of_all
from townhall.people import brands
from townhall.policy import store as policies
from townhall.policy.logic import Policy, parse_policy
from townhall.routing import outages
from townhall.vault import Keys

_NOTHING_SAID = parse_policy(policies.NO_POLICY_SOURCE)
MAIN_CALENDAR = "default"
"""The calendar that ``now.open`` speaks of."""


class House:
    """Accounts, active policy and timetables of every brand, with the models that understand a text."""

    def __init__(self, keys: Keys, models: Path | None = None) -> None:
        self.keys = keys
        self.understanding = Understanding.load(models)
        self.understanding.enrich(["ready"])  # loads patterns before any transaction waits for them
        self._shipped = self.understanding.digest[:12]
        self.accounts: dict[int, intake.Account] = {}
        self.brands: dict[int, brands.Brand] = {}
        self.policies: dict[int, Policy] = {}
        self.policy_ids: dict[int, int] = {}
        self._moments: dict[tuple[int, int], tuple[int, int, bool]] = {}
        self._versions: dict[int, Policy] = {policies.NO_POLICY: _NOTHING_SAID}
        self.book = Book()
        self.disturbed: set[int] = set()
        """Accounts in an outage now."""
        self.copies = Copies()
        self.taught = TaughtBook()
        self.own_names: dict[int, OwnNames] = {}
        self._read = 0

    def refresh(self, connection: Connection[Any], now: Instant, *, must: bool = False) -> None:
        """Reads what changed. At most every two seconds, unless something unknown has turned up (``must``)."""
        if not must and now - self._read < REREAD:
            return
        self._read = now
        self.accounts = intake.accounts(connection)
        self.brands = brands.all_brands(connection)
        self.policies = dict.fromkeys(self.brands, _NOTHING_SAID)
        self.policy_ids = dict.fromkeys(self.brands, policies.NO_POLICY)
        self._learn_own_names(domains_of_all(connection))
        for brand, version, source in policies.active(connection, list(self._versions)):
            if source is not None:
                self._versions[version] = parse_policy(source)
            self.policies[brand], self.policy_ids[brand] = self._versions[version], version
        self.taught.refresh(connection)
        self.disturbed = outages.running(connection)
        if self.book.refresh(connection):
            self._moments.clear()

    def read_by(self, brand: int) -> str:
        """The digests of the models that read a brand's posts: of the shipped ones, and of its own."""
        own = self.taught.of.get(brand)
        return f"{self._shipped} {own.digests}" if own else self._shipped

    def timetable(self, brand: int, calendar: str, at: Instant = FOREVER) -> Timetable:
        """Working time by a brand's calendar as it was known at a moment; round the clock when there is none of that name."""
        return self.book.hours.timetable(brand, calendar, at)

    def last_counted(self, brand: int) -> Instant:
        """Since when hours of a brand count for promises that stood; 0 when nobody ever said so."""
        return self.book.hours.last_counted(brand)

    def _learn_own_names(self, hosts: Mapping[int, tuple[str, ...]]) -> None:
        handles: dict[int, set[str]] = {}
        for account in self.accounts.values():
            handles.setdefault(account.brand_id, set()).add(account.handle)
        self.own_names = {
            brand: OwnNames(hosts.get(brand, ()), tuple(sorted(handles.get(brand, ()))))
            for brand in self.brands
        }

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
            self._moments[brand, minute] = held
        return held
