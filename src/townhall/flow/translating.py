"""Translation by a service of the brand's own: set and let go by an administrator, each with its fact; and what is asked of it.

A translation is shown and kept nowhere: no post, no draft and no fact holds it unless a person sends it.
"""

from typing import Any

from psycopg import Connection

from townhall.beside import store
from townhall.beside.ask import Question
from townhall.beside.logic import translation
from townhall.beside.logic.translation import Known, Offer
from townhall.beside.store import Access
from townhall.flow.own_systems import Given, checked, put
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.people.doors import Asker, require
from townhall.vault import Keys

WHOLE_S = 8.0
"""Seconds for one translation: a model on a small machine takes some of them."""
LANGUAGES_S = 4.0
_JSON = {"content-type": "application/json"}


def check_service(conn: Connection[Any], keys: Keys, asker: Asker, given: Given) -> tuple[str, Access]:
    """Its name, and how it will be reached, before it is asked for its languages. Raises ``Refused``.

    A key that is left empty stays as it was, but at a new address: what one server was trusted with is not sent to another.
    """
    require(asker, "manage_systems")
    old = store.access(conn, keys.kek, asker.brand_id, "translation")
    name, address = checked(given, old)
    address = address.rstrip("/")
    moved = old is None or old.address != address
    if moved and old and old.secret and not given.secret.strip():
        raise Refused(
            "The address is another one, and is not given the old key. Fill in one that was made for it."
        )
    secret = given.secret.strip() or (old.secret if old else "")
    if not (secret.isascii() and (secret.isprintable() or not secret)):
        raise Refused("The key holds letters that none can hold. Copy it again.")
    return name, Access(address, True if moved or old is None else old.outside, secret)


def put_service(
    conn: Connection[Any], keys: Keys, asker: Asker, given: Given, known: Known, reads: str, now: Instant
) -> None:
    """Sets the service with the languages that it named. Raises ``Refused``."""
    name, access = check_service(conn, keys, asker, given)
    if not translation.code_of(reads, known):
        raise Refused(
            "The service does not know the language that your staff read. Choose another, or add it there."
        )
    put(conn, keys, asker, "translation", name, access, {"languages": known, "reads": reads}, now)


def languages_question(of: int, address: str, *, outside: bool) -> Question:
    """What languages there are; no key is sent with it."""
    where = address.rstrip("/") + "/languages"
    return Question(f"translation/{of}", where, b"", {}, translation.MOST_BYTES, LANGUAGES_S, outside, "GET")


def question(conn: Connection[Any], keys: Keys, brand: int, text: str, offer: Offer) -> Question | None:
    """One text to be translated, with the service's key; ``None`` when none is set up (any more). As a worker."""
    access = store.access(conn, keys.kek, brand, "translation")
    if access is None:
        return None
    body = translation.wish(text, offer, access.secret)
    where = access.address + "/translate"
    return Question(
        f"translation/{brand}", where, body, _JSON, translation.MOST_BYTES, WHOLE_S, access.outside
    )
