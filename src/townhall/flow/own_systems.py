"""A brand's own systems: set, given another secret and let go by an administrator, each with its fact; and the question that is asked.

Secrets are sealed and read as a worker, as those of accounts are. What the systems answer is no fact: it is not kept.
"""

from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.beside import store
from townhall.beside.ask import Question
from townhall.beside.logic import panel
from townhall.beside.store import Access, Kind
from townhall.channels.reach import may_call
from townhall.channels.webhook.signature import key_of, signed
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require
from townhall.vault import Keys, new_shared_secret

PANEL_S = 1.5
"""Seconds for the panel, all in all: a conversation is read meanwhile."""
LONGEST_NAME = 40
LONGEST_ADDRESS = 2_000
_INSIDE = "A host inside your own network has to be named by the operator first, in TOWNHALL_INSIDE_HOSTS."


class Given(Struct, frozen=True, kw_only=True):
    """What somebody filled in: how staff call the system, where it is, and a secret ("": the one it has, or a new one).
    ``inside`` are hosts of one's own network that the operator named."""

    name: str
    address: str
    secret: str = ""
    inside: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Never the secret."""
        return f"Given({self.name})"


def put_panel(conn: Connection[Any], keys: Keys, asker: Asker, given: Given, now: Instant) -> str:
    """Sets the system behind the panel; gives the secret where one was made, to be shown once. Raises ``Refused``."""
    require(asker, "manage_systems")
    old = store.access(conn, keys.kek, asker.brand_id, "panel")
    name, address = checked(given, old)
    made = "" if given.secret or (old and old.secret) else new_shared_secret()
    secret = given.secret.strip() or made or (old.secret if old else "")
    key_of(secret)
    outside = old.outside if old and old.address == address else True
    access = Access(address, outside, secret)
    known = store.one(conn, asker.brand_id, "panel")
    if known and (known.name, old) == (name, access):
        return ""
    put(conn, keys, asker, "panel", name, access, {}, now)
    return made


def checked(given: Given, old: Access | None) -> tuple[str, str]:
    """Name and address, seen to be ones. An address that the operator chose stays as good as it was. Raises ``Refused``."""
    name, address = " ".join(given.name.split()), given.address.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(f"Give it a name of at most {LONGEST_NAME} characters, as staff call it.")
    if len(address) > LONGEST_ADDRESS:
        raise Refused(f"An address has at most {LONGEST_ADDRESS:,} characters.")
    if old and not old.outside and old.address == address:
        return name, address
    try:
        return name, may_call(address, given.inside)
    except Refused as wrong:
        raise Refused(f"{wrong} {_INSIDE}") from None


def put(
    conn: Connection[Any], keys: Keys, asker: Asker, kind: Kind, name: str, access: Access, settings: dict[str, Any], now: Instant
) -> None:  # fmt: skip
    """Sets a system whose name and address were checked, with its fact."""
    store.put(conn, keys.kek, asker.brand_id, kind, name, access, settings, asker.name, now)
    _say(conn, asker, "set", kind, now, {"name": name, "host": urlsplit(access.address).hostname or ""})


def renew_secret(conn: Connection[Any], keys: Keys, asker: Asker, now: Instant) -> str:
    """Another secret for the panel's system; the old one signs nothing from now on. Raises ``NotFound``."""
    require(asker, "manage_systems")
    old, known = (
        store.access(conn, keys.kek, asker.brand_id, "panel"),
        store.one(conn, asker.brand_id, "panel"),
    )
    if old is None or known is None:
        raise NotFound("That system is not set up.")
    made = new_shared_secret()
    access = Access(old.address, old.outside, made)
    store.put(conn, keys.kek, asker.brand_id, "panel", known.name, access, known.settings, asker.name, now)
    _say(conn, asker, "secret_renewed", "panel", now, {})
    return made


def let_go(conn: Connection[Any], asker: Asker, kind: Kind, now: Instant) -> None:
    """Asks the system no more and destroys its secret here. Raises ``NotFound``."""
    require(asker, "manage_systems")
    if not store.forget(conn, asker.brand_id, kind):
        raise NotFound("That system is not set up.")
    _say(conn, asker, "let_go", kind, now, {})


def panel_question(
    conn: Connection[Any],
    keys: Keys,
    brand: tuple[int, str],
    case: int,
    who: tuple[panel.Identity, ...],
    now: Instant,
) -> Question | None:
    """The signed question about a person, for the brand (id and short name); ``None`` when nothing is set up (any more)."""
    access = store.access(conn, keys.kek, brand[0], "panel")
    if access is None:
        return None
    body = panel.question(brand[1], case, who, now)
    headers = {"content-type": "application/json"} | signed(access.secret, f"panel_{case}_{now}", now, body)
    return Question(
        f"panel/{brand[0]}", access.address, body, headers, panel.MOST_BYTES, PANEL_S, access.outside
    )


def _say(
    conn: Connection[Any], asker: Asker, what: str, kind: Kind, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.own_system.{what}", subject=f"own_system/{kind}", time=now, brand=asker.brand_id,
        actor=asker.actor, data=data,
    )  # fmt: skip
    journal.append(conn, [fact])
