"""The rest of a public thread, asked of its network when somebody wants to see it. What is heard is shown and not kept.

Posts that neither name the firm nor answer those who do are none of its business to judge or to store; beside a
conversation they are worth reading.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from psycopg import Connection

from townhall.beside.ask import Question
from townhall.channels import CHANNELS
from townhall.channels.port import AccountRef
from townhall.desk.around import Place
from townhall.enrich import redact_batch
from townhall.intake import credentials
from townhall.kernel.activity import Activity
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused, TownhallError
from townhall.vault import Keys

WHOLE_S = 3.0
"""Seconds for the network, all in all."""
MOST_BYTES = 2 << 20
MOST = 200
"""Posts taken from an answer at most, the newest."""


class Heard(Struct, frozen=True):
    """A post as it stands there now. ``native_id`` is the network's, ``text`` is redacted as stored ones are, ``at`` the network's time."""

    native_id: str
    name: str
    handle: str
    text: str
    language: str
    at: Instant
    url: str


def question(conn: Connection[Any], keys: Keys, place: Place) -> tuple[Question, AccountRef] | None:
    """What the account asks its server, and who asks; ``None`` where the network does not tell. Raises ``Refused`` while its reading
    is paused."""
    path = CHANNELS[place.channel].card.around
    if not path:
        return None
    settings = credentials.account_settings(conn, keys.kek, place.account)
    if not settings.reading:
        raise Refused("Reading this channel is paused, so its network is not asked.")
    address = settings.base_url.rstrip("/") + path.format(id=quote(place.post, safe=""))
    headers = {"authorization": f"Bearer {settings.token}", "accept": "application/json"}
    asked = Question(
        f"around/{place.account}", address, b"", headers, MOST_BYTES, WHOLE_S, settings.outside, "GET"
    )
    return asked, settings.account


def heard(body: bytes, account: AccountRef) -> tuple[Heard, ...] | None:
    """The public posts of an answer, the oldest first; ``None`` when it cannot be read."""
    module = CHANNELS[account.kind]
    try:
        items = module.around(body) if module.around else []
    except (ValueError, RecursionError):
        return None
    found = [act for item in items if (act := _said(item, account))]
    newest = sorted(found, key=lambda act: act.published)[-MOST:]
    texts = redact_batch([act.text for act in newest])
    return tuple(
        Heard(act.object_id, act.author_name, act.author_handle, text, act.language, act.published, act.url)
        for act, (text, _) in zip(newest, texts, strict=True)
    )


def _said(item: bytes, account: AccountRef) -> Activity | None:
    try:
        acts: Sequence[Activity] = CHANNELS[account.kind].parse(item, account)
    except TownhallError:
        return None
    told = [act for act in acts if act.verb in ("Create", "Update")]
    return told[-1] if told and told[-1].visibility in ("public", "unlisted") else None
