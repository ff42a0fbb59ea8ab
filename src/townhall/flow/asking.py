"""Looking for posts where a head is least sure, so that people can be asked. A loop of the clock role.

Once a minute for each brand: the posts taken in since, at most ``SCAN`` of them, the newest, and those that are asked about
already, are read once more by the models in use. What is left are the least sure of four weeks, near-copies once. One
transaction a round; a fall loses a round.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import Connection

from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.enrich import Understanding
from townhall.enrich.logic.asking import Candidate, choose
from townhall.enrich.logic.heads import HEADS, chances_of, doubt
from townhall.enrich.store import asks, labels
from townhall.enrich.store.asks import Ask
from townhall.flow.posts import ToRead, newest_to_read, to_read_again
from townhall.flow.rest import rest
from townhall.flow.taught import TaughtBook
from townhall.kernel.clock import DAY, MINUTE, Clock, Instant, system_clock
from townhall.kernel.ids import id_at
from townhall.people import brands

SPAN = 28 * DAY
SCAN = 2_000
EVERY = MINUTE
REST_S, BUSY_S = 5.0, 0.2
_AT_ONCE = 500


class Asker:
    """The models that look for questions; loaded when there is a post to read."""

    def __init__(self) -> None:
        self._reader: Understanding | None = None
        self.taught = TaughtBook()

    def round(self, conn: Connection[Any], now: Instant, every: Instant = EVERY) -> bool:
        """The round of the brand whose last is longest ago; False when none is due. In the caller's transaction."""
        asks.meet(conn, sorted(brands.all_brands(conn)), id_at(now - SPAN))
        due = asks.begin_round(conn, now, now - every)
        if due is None:
            return False
        brand, upto = due
        held = {(one.head, one.interaction): one for one in asks.of_brand(conn, brand)}
        fresh = newest_to_read(conn, brand, max(upto, id_at(now - SPAN)), SCAN)
        again = to_read_again(conn, brand, {post for _, post in held}, id_at(now - SPAN))
        posts = list({post[0]: post for post in (*fresh, *again)}.values())
        if posts or held:
            self.taught.refresh(conn)
            asks.put(conn, brand, self._chosen(conn, brand, posts, held))
        asks.end_round(conn, brand, max([upto, *(post[0] for post in fresh)]), now)
        return True

    def _chosen(
        self, conn: Connection[Any], brand: int, posts: Sequence[ToRead], held: Mapping[tuple[str, int], Ask]
    ) -> list[Ask]:
        told = {(one.interaction, one.head) for one in labels.of_posts(conn, brand, [p[0] for p in posts])}
        found = [one for one in self._candidates(brand, posts) if (one.interaction, one.head) not in told]
        read_by = self._read_by(brand)
        return [
            Ask(
                one.head, one.interaction, turn, one.doubt, one.said, one.chance, read_by, one.print,
                held[one.head, one.interaction].passed if (one.head, one.interaction) in held else [],
            )
            for turn, one in choose(found)
        ]  # fmt: skip

    def _read_by(self, brand: int) -> str:
        own = self.taught.of.get(brand)
        shipped = self._reader.digest[:12] if self._reader else ""
        return f"{shipped} {own.digests}" if own else shipped

    def _candidates(self, brand: int, posts: Sequence[ToRead]) -> Iterable[Candidate]:
        for start in range(0, len(posts), _AT_ONCE):
            part = posts[start : start + _AT_ONCE]
            self._reader = self._reader or Understanding.load()
            texts = [text for _, text, _, _ in part]
            found, likely = self._reader.read(texts, [language for _, _, language, _ in part])
            if own := self.taught.of.get(brand):
                found, likely = own.corrected(self._reader, texts, found, likely)
            for name, head in HEADS.items():
                chances = chances_of(name, found, likely)
                unsure = doubt(chances).tolist()
                for (id, _, _, mark), row, how in zip(part, chances.tolist(), unsure, strict=True):
                    yield Candidate(name, id, how, *head.said(row), mark)


async def run(settings: Any, database: Database, stop: asyncio.Event, clock: Clock = system_clock) -> None:
    """The loop of the clock role, until ``stop``."""
    asker = Asker()
    with connect(database.dsn("worker"), "townhall asking") as conn:
        while not stop.is_set():
            busy = await asyncio.to_thread(_one_round, conn, asker, clock)
            await rest(stop, BUSY_S if busy else REST_S)


def _one_round(conn: Connection[Any], asker: Asker, clock: Clock) -> bool:
    with transaction(conn):
        return asker.round(conn, clock())
