"""Who says what when: an endless stream of ActivityStreams acts in order of time, the same for the same seed."""

import heapq
import math
import random
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant, to_datetime, to_iso
from townhall.run.demo import phrases
from townhall.run.demo.phrases import SUBJECTS, Subject

BY_HOUR = (2, 1, 1, 1, 1, 2, 5, 9, 12, 13, 12, 11, 12, 11, 10, 10, 11, 13, 14, 15, 13, 10, 7, 4)
"""How the day goes: shares of threads by hour, UTC."""
ADDRESSES = ("harbour.example", "plaza.example")
HANDLES = ("care@harbour.example", "fernhill@plaza.example")
PICTURED = 0.35
STEP: Instant = 5 * MINUTE
"""How long a rate is taken to hold: at night the next thread is an hour away, and a fault begins in between."""
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


class Said(Struct, frozen=True):
    """One act of the stream. ``account`` is the place in ``HANDLES`` of the account that hears it."""

    at: Instant
    account: int
    act: dict[str, Any]


class Person(Struct, frozen=True):
    """Somebody made up."""

    name: str
    handle: str
    address: str

    @property
    def actor(self) -> dict[str, str]:
        """As an ActivityStreams actor."""
        return {"id": self.address, "type": "Person", "preferredUsername": self.handle, "name": self.name}


class Town:
    """Made-up people on two made-up networks. ``base`` is where their photos lie."""

    def __init__(self, seed: int, base: str) -> None:
        self._chance = random.Random(seed)  # noqa: S311  a story, not a secret
        self._base = base
        self._due: list[tuple[Instant, int, Callable[[Instant], Said | None]]] = []
        self._count = 0
        self._people = [[self._person(place) for _ in range(220)] for place in range(2)]

    def days(
        self, start: Instant, threads_an_hour: float, storm: Callable[[Instant], float]
    ) -> Iterator[Said]:
        """Everything from ``start`` on. ``threads_an_hour`` is the mean of a day; ``storm`` gives, for a moment,
        how many threads an hour about one fault come on top."""
        clock = start
        while True:
            extra = storm(clock)
            usual = threads_an_hour * 24 * self._share(clock) / sum(BY_HOUR)
            following = clock + int(self._chance.expovariate(usual + extra) * HOUR)
            holds = clock + STEP
            clock = min(following, holds)
            yield from self._until(clock)
            if following > holds:  # drawn anew: the rate may be another by now
                continue
            self._begin(clock, stormy=self._chance.random() < extra / (usual + extra))

    def _share(self, at: Instant) -> float:
        moment = to_datetime(at)
        weekend = 0.8 if moment.weekday() >= 5 else 1.0
        hour, part = moment.hour, moment.minute / 60
        return weekend * (BY_HOUR[hour] * (1 - part) + BY_HOUR[(hour + 1) % 24] * part)

    def _until(self, moment: Instant) -> Iterator[Said]:
        while self._due and self._due[0][0] <= moment:
            at, _, make = heapq.heappop(self._due)
            said = make(at)
            if said:
                yield said

    def _later(self, at: Instant, make: Callable[[Instant], Said | None]) -> None:
        self._count += 1
        heapq.heappush(self._due, (at, self._count, make))

    def _begin(self, at: Instant, *, stormy: bool) -> None:
        """One thread with everything that will be said in it."""
        chance = self._chance
        subject = phrases.NO_SIGNAL if stormy else chance.choices(SUBJECTS, [s.weight for s in SUBJECTS])[0]
        account = 0 if chance.random() < 0.68 else 1
        thread = Thread(self, account, subject, "Harwick" if stormy else chance.choice(phrases.PLACES))
        thread.tell(at)

    def _person(self, place: int) -> Person:
        first, last = self._chance.choice(phrases.FIRST), self._chance.choice(phrases.LAST)
        handle = (
            f"{first}_{last}{self._chance.choice(('', '', '_', str(self._chance.randint(2, 99))))}".lower()
        )
        handle = handle.encode("ascii", "ignore").decode()
        address = f"https://{ADDRESSES[place]}/users/{handle}"
        return Person(f"{first} {last}", f"{handle}@{ADDRESSES[place]}", address)


class Thread:
    """One conversation: its root, who else is in it, and the firm."""

    def __init__(self, town: Town, account: int, subject: Subject, place: str) -> None:
        self._town, self._account, self._subject = town, account, subject
        self._chance = town._chance
        self._author = self._chance.choice(town._people[account])
        self._words = self._slots(place)
        self._root = ""
        self._latest: dict[str, str] = {}
        self._private = subject.name == "bill" and self._chance.random() < 0.12

    def tell(self, at: Instant) -> None:
        """Schedules all that is said, from the first post to the last like."""
        subject, chance = self._subject, self._chance
        self._later(at, self._author, chance.choice(subject.openings), opening=True)
        for _ in range(min(int(chance.expovariate(1.6)), 3) if subject.others else 0):
            other = chance.choice(self._town._people[self._account])
            other_at = at + self._spread(25 * MINUTE)
            self._later(other_at, other, chance.choice(subject.others))
            self._later(other_at + self._delay(), None, chance.choice(phrases.SAME), to=other)
        self._answered(at)
        for _ in range(int(chance.expovariate(1.6))):
            self._town._later(at + self._spread(40 * MINUTE), self._like)

    def _answered(self, at: Instant) -> None:
        subject, chance = self._subject, self._chance
        answer_at = at + self._delay()
        self._later(answer_at, None, chance.choice(subject.answers))
        if subject.after and chance.random() < 0.6:
            after_at = answer_at + self._spread(18 * MINUTE)
            self._later(after_at, self._author, chance.choice(subject.after))
            self._later(after_at + self._delay(), None, chance.choice(subject.closing or phrases.SAME))

    def _delay(self) -> Instant:
        """How long the firm takes: mostly under half an hour, one in fifty half a day."""
        if self._chance.random() < 0.02:
            return int(self._chance.uniform(3, 7) * HOUR)
        return int(self._chance.lognormvariate(math.log(11), 0.6) * MINUTE)

    def _spread(self, mean: Instant) -> Instant:
        return 20 * SECOND + int(self._chance.expovariate(1) * mean)

    def _later(
        self,
        at: Instant,
        author: Person | None,
        text: str,
        *,
        opening: bool = False,
        to: Person | None = None,
    ) -> None:
        answered = to or self._author
        said = text.format(**{**self._words, "name": answered.name.split()[0]})
        self._town._later(at, lambda now: self._post(now, author, said, answered, opening=opening))

    def _post(
        self, at: Instant, author: Person | None, text: str, answered: Person, *, opening: bool
    ) -> Said:
        native = str((at // 1000) << 16 | self._town._count & 0xFFFF)
        text = f"{text} ^{self._chance.choice(phrases.SIGNED)}" if author is None else text
        slipped, mended = self._slip(text) if author else (text, "")
        note = self._note(native, at, author, slipped, answered)
        if opening:
            self._root = native
            self._picture(note)
        if author:
            self._latest[author.address] = native
        if mended:
            self._town._later(
                at + self._spread(4 * MINUTE),
                lambda now: self._edit(now, author, {**note, "content": mended}),
            )
        elif author and not opening and self._chance.random() < 0.03:
            self._town._later(at + self._spread(30 * MINUTE), lambda now: self._delete(now, author, native))
        return self._act("Create", at, author, note)

    def _note(
        self, native: str, at: Instant, author: Person | None, text: str, answered: Person
    ) -> dict[str, Any]:
        place = ADDRESSES[self._account]
        note: dict[str, Any] = {
            "id": native, "type": "Note", "attributedTo": self._actor(author)["id"], "published": to_iso(at),
            "mediaType": "text/plain", "content": text, "context": f"https://{place}/threads/{self._root or native}",
            "url": f"https://{place}/posts/{native}", "to": [self._actor(None)["id"]] if self._private else [PUBLIC],
        }  # fmt: skip
        if self._root:
            note["inReplyTo"] = self._root if author else self._latest.get(answered.address, self._root)
        return note

    def _picture(self, note: dict[str, Any]) -> None:
        subject = self._subject
        if subject.picture and self._chance.random() < PICTURED:
            alt = subject.alt if self._chance.random() < 0.8 else ""
            url = f"{self._town._base}/static/demo/{subject.picture}.svg"
            note["attachment"] = [{"type": "Image", "mediaType": "image/svg+xml", "url": url, "name": alt}]

    def _slip(self, text: str) -> tuple[str, str]:
        for right, wrong in phrases.SLIPS:
            if right in text and self._chance.random() < 0.12:
                return text.replace(right, wrong, 1), text
        return text, ""

    def _edit(self, at: Instant, author: Person | None, note: dict[str, Any]) -> Said:
        return self._act("Update", at, author, {**note, "updated": to_iso(at)})

    def _delete(self, at: Instant, author: Person | None, native: str) -> Said:
        return self._act("Delete", at, author, {"id": native, "type": "Tombstone", "deleted": to_iso(at)})

    def _like(self, at: Instant) -> Said | None:
        fan = self._chance.choice(self._town._people[self._account])
        kind = "Like" if self._chance.random() < 0.8 else "Announce"
        return self._act(kind, at, fan, self._root) if self._root else None

    def _act(self, kind: str, at: Instant, author: Person | None, about: Any) -> Said:
        self._town._count += 1
        act = {
            "@context": "https://www.w3.org/ns/activitystreams", "type": kind, "published": to_iso(at),
            "id": f"https://{ADDRESSES[self._account]}/acts/{at}-{self._town._count}",
            "actor": self._actor(author), "object": about,
        }  # fmt: skip
        return Said(at, self._account, act)

    def _actor(self, author: Person | None) -> dict[str, str]:
        if author:
            return author.actor
        handle = HANDLES[self._account]
        user, place = handle.split("@")
        return {"id": f"https://{place}/users/{user}", "type": "Organization", "preferredUsername": handle,
                "name": "Fernhill Mobile"}  # fmt: skip

    def _slots(self, place: str) -> dict[str, str]:
        chance = self._chance
        less = chance.choice((12, 15, 19, 22, 29))
        return {
            "firm": "@" + HANDLES[self._account].split("@")[0], "place": place, "abroad": chance.choice(phrases.ABROAD),
            "hour": chance.choice(("seven this morning", "about noon", "last night", "4 o'clock", "lunchtime")),
            "later": chance.choice(("tonight", "tomorrow noon", "18:00")), "sum": f"{less * 2 + chance.randint(1, 20)}.40",
            "lesssum": f"{less}.00", "order": f"FM-{chance.randint(100000, 999999)}",
            "month": chance.choice(("March", "June", "September", "October")),
        }  # fmt: skip


def rising(now: Instant) -> Callable[[Instant], float]:
    """A fault that people began to write about twenty minutes before ``now``, and that ends an hour later."""

    def extra(at: Instant) -> float:
        past = at - (now - 20 * MINUTE)
        return 90.0 if 0 <= past < 80 * MINUTE else 0.0

    return extra


def stormy(now: Instant) -> Callable[[Instant], float]:
    """A storm: from a minute after ``now``, for ten minutes, five threads a second."""

    def extra(at: Instant) -> float:
        return 18_000.0 if MINUTE <= at - now < 11 * MINUTE else 0.0

    return extra


HISTORY: Instant = 15 * DAY + 6 * HOUR
"""Enough for "usual", which begins at fourteen days."""
