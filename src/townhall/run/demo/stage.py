"""The stage of the demo: its brand, accounts, colleagues, stored answers and rules, and a little work in hand."""

from typing import Any

import structlog
from psycopg import Connection

from townhall.beside import store as beside
from townhall.beside.store import Access
from townhall.care import notes
from townhall.database.connect import for_brand, transaction
from townhall.desk import inbox
from townhall.desk.quiet import quiet_cases
from townhall.desk.views import InboxFilter
from townhall.flow import articles, cases
from townhall.flow import outbound as door
from townhall.flow.opening import open_account, open_brand
from townhall.intake import credentials
from townhall.intake import store as intake
from townhall.kernel.clock import DAY, HOUR, MINUTE, Instant
from townhall.kernel.errors import TownhallError
from townhall.outbound.logic.words import Term
from townhall.outbound.store import terms
from townhall.people import brands, store
from townhall.people.doors import Asker
from townhall.routing import settings, staffing
from townhall.routing.logic import Queue, Requirement
from townhall.routing.staffing import Profile
from townhall.run.demo import orders
from townhall.run.demo.articles import as_file
from townhall.run.demo.town import HANDLES
from townhall.vault import Keys

BRAND = "demo"
MADE_BY = "the demo"
COLLEAGUES = (
    ("Jude Okafor", frozenset({"agent", "lead"})),
    ("Mina Sato", frozenset({"agent"})),
    ("Theo Lund", frozenset({"agent"})),
)
SEATS = {
    "Jude Okafor": Profile(
        ("complaints", "loyalty", "accounts"), 10, (("billing", 4), ("retention", 4)), (("de", 3), ("en", 5))
    ),
    "Mina Sato": Profile(
        ("complaints", "deliveries", "general"), 8, (("fibre", 2), ("retention", 2)), (("en", 5), ("ja", 5))
    ),
    "Theo Lund": Profile(("outages", "complaints", "general"), 8, (("fibre", 4),), (("en", 4), ("sv", 5))),
}
HANDED_OUT = Queue(
    "complaints", "Complaints", True, (Requirement("retention", 2),), "wish", 20 * MINUTE, ("loyalty",), HOUR, 0, 5 * MINUTE,
    6 * MINUTE,
)  # fmt: skip
"""The one queue of the demo that gives its cases by itself, and what its people can do."""
MACROS = (
    ("Crew on its way", "Sorry about that, {name}. A crew is on its way and we write here when it is mended."),
    ("Customer number, privately", "Hello {name}, please send us your customer number in a private message and we will look at it with you."),
    ("Wi-Fi calling meanwhile", "{name}, Wi-Fi calling works meanwhile: Settings, Calls, Wi-Fi calling."),
    ("Thank you", "Thank you, {name}. We passed it on."),
)  # fmt: skip
TERMS = (
    Term("forbidden", "guarantee", "Only the lead may promise a result."),
    Term("forbidden", "refund", "A refund is promised by billing alone."),
)
HELD = (
    "Hello {name}, I guarantee that it is back by six tonight. We are sorry for the trouble.",
    "Hi {name}, you will get a full refund for this month. Please give us two days.",
    "{name}, we guarantee the same price until next spring. Thank you for staying.",
)
TIDIED = 200
"""Cases closed at once: a fortnight's are tidied within a minute of the start."""
_log = structlog.get_logger()


def set_up(conn: Connection[Any], keys: Keys, base_url: str, now: Instant) -> list[intake.Account]:
    """Makes what is missing; gives the accounts in the order of ``HANDLES``, pointed at the made-up server."""
    conn.execute(
        "SET idle_in_transaction_session_timeout = '60s'"
    )  # a busy machine compiles the policy slowly
    with transaction(conn):
        opened = open_brand(conn, BRAND, now, name="Fernhill Mobile", zone="Europe/London")
        brand = opened.brand
        accounts = [open_account(conn, brand, "mastodon", handle) for handle in HANDLES]
        for place, account in enumerate(accounts):
            credentials.put_address(conn, account.id, base_url, str(place + 1))
            credentials.put_secrets(conn, keys.kek, account.id, {"token": str(place + 1)})
        brands.mark_demo(conn, brand.id)
        for name, roles in COLLEAGUES:
            store.ensure_colleague(conn, brand.id, name, roles)
        if opened.fresh:
            _furnish(conn, brand.id, now)
    return accounts


def set_up_own_system(conn: Connection[Any], keys: Keys, brand_id: int, base_url: str, now: Instant) -> None:
    """The made-up system behind the panel, at its address of today; one that somebody else has set stays."""
    with transaction(conn):
        known = beside.one(conn, brand_id, "panel")
        if known is None or known.set_by == MADE_BY:
            access = Access(base_url + orders.PATH, False, orders.SECRET)
            beside.put(conn, keys.kek, brand_id, "panel", orders.NAME, access, {}, MADE_BY, now)


def _furnish(conn: Connection[Any], brand_id: int, now: Instant) -> None:
    for name, text in MACROS:
        notes.add_macro(conn, brand_id, name, text, MADE_BY, now)
    lead = next(one for one in colleagues(conn, brand_id) if one.may("manage_answers"))
    articles.take_in(conn, lead, as_file(), now)
    for term in TERMS:
        terms.add_term(conn, brand_id, term, MADE_BY, now)
    terms.add_domain(conn, brand_id, "fernhill.example")
    settings.set_queue(conn, brand_id, HANDED_OUT)
    for asker in colleagues(conn, brand_id):
        staffing.set_profile(conn, brand_id, asker.staff_id, SEATS[asker.name])


def clock_in(conn: Connection[Any], brand_id: int, now: Instant) -> None:
    """The made-up colleagues are heard of."""
    with transaction(conn):
        for asker in colleagues(conn, brand_id):
            staffing.be_here(conn, brand_id, asker.staff_id, now)


def colleagues(conn: Connection[Any], brand_id: int) -> list[Asker]:
    """The made-up staff, as askers."""
    return [
        Asker(staff_id=s.staff_id, name=s.name, brand_id=brand_id, brand_slug=BRAND, roles=frozenset(s.roles))
        for s in store.seats(conn, brand_id)
        if s.email.endswith("@demo.invalid")
    ]


def tidy(conn: Connection[Any], brand_id: int, now: Instant) -> int:
    """Closes cases that have been quiet for a day, so many at a time; gives how many. Colleagues are heard of meanwhile."""
    for asker in colleagues(conn, brand_id):
        staffing.heard(conn, brand_id, asker.staff_id, now)
    old = quiet_cases(conn, brand_id, now - DAY, TIDIED)
    if old:
        with transaction(conn, brand=brand_id):
            asker = colleagues(conn, brand_id)[0]
            for case_id in old:
                cases.close(conn, asker, case_id, now, cause="answered")
    return len(old)


def make_work(conn: Connection[Any], keys: Keys, brand_id: int, now: Instant) -> None:
    """Colleagues are here and hold some cases, and three replies wait for approval."""
    staff = colleagues(conn, brand_id)
    clock_in(conn, brand_id, now)
    rows = inbox.page(conn, brand_id, InboxFilter(assignee="unassigned"), "", now).rows
    for number, row in enumerate(rows[4:16]):
        asker = staff[number % len(staff)]
        try:
            with transaction(conn, brand=brand_id):
                _work(conn, asker, row.case_id, row.person_name, number, now)
        except TownhallError as no:
            _log.info("demo work refused", why=str(no))


def _work(conn: Connection[Any], asker: Asker, case_id: int, name: str, number: int, now: Instant) -> None:
    for_brand(conn, asker.brand_id)
    cases.take(conn, asker, case_id, now)
    if number % 4 == 1:
        cases.note(conn, asker, case_id, "Called the depot: the crew leaves at half past.", now)
    if number % 4 == 0:
        text = HELD[number // 4 % len(HELD)].format(name=name.split()[0] if name else "Hello")
        door.submit(conn, asker, door.Composed(case_id=case_id, kind="public", text=text), now, force=True)
