"""Made-up care traffic for benchmarks: our own sentences, believable shapes, the same for the same seed.

The mix: six posts of ten open a conversation, the others answer in one; a third are the brand's own answers; 30,000
people of whom a few write much; a little personal data; 2 % repeats of a post that was there before.
"""

import random
from collections.abc import Iterator

import msgspec

from townhall.kernel.clock import SECOND, Instant, to_iso

_OPENERS = (
    "why is my broadband down again in {place}? third time this week",
    "hi, I still have no refund for order {number}, it has been {n} days",
    "how do I change the delivery address for order {number}?",
    "your app crashes every time I open the bill page on my phone",
    "absolutely terrible service, {n} calls and nobody can help me with {thing}",
    "thank you for sorting {thing} so quickly, great team",
    "is there an outage in {place}? no signal since {n} this morning",
    "I was charged twice for {thing}, please sort this out",
    "love the new {thing}, works like a dream",
    "can somebody tell me when the shop in {place} opens on Sunday?",
    "cancelling my contract, {n} months of problems with {thing} is enough",
    "¿cuándo vuelve el servicio en {place}? llevo {n} horas sin internet",
    "bonjour, ma commande {number} n'est toujours pas arrivée",
    "mein Internet in {place} geht seit {n} Stunden nicht, was ist los?",
    "the parcel came but {thing} is broken, what now?",
    "waiting for {n} minutes in the queue for {thing}, is anybody there?",
)
_FOLLOWS = (
    "yes, sent you the details about {thing}",
    "still nothing, {n} hours later. order {number}",
    "ok thanks, that worked",
    "my email is person{n}@example.org, please call 020 7946 0{nnn}",
    "that does not help at all, I need {thing} today",
    "same here in {place}, no service",
)
_ANSWERS = (
    "Sorry to hear that. Could you send us your order number in a direct message?",
    "Thanks for waiting. Our engineers are working on it in {place} and expect to be done by noon.",
    "We have found order {number} and the refund is on its way, within {n} working days.",
    "Have you tried to turn the router off for 30 seconds? Tell us how you get on with {thing}.",
)
_THINGS = (
    "the router",
    "my bill",
    "the tablet",
    "fibre",
    "roaming",
    "the voucher",
    "my account",
    "the top-up",
)
_PLACES = (
    "Northby",
    "Leamouth",
    "Castle Ash",
    "Wexbridge",
    "Puerto Alto",
    "Saint-Aubrac",
    "Hollental",
    "Marsh End",
)

_encode = msgspec.json.Encoder().encode


class Traffic:
    """An endless line of activities in AS2, one JSON line each. ``base`` keeps the ids of two runs apart."""

    def __init__(self, seed: int, base: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - traffic, not secrets
        self._next = base
        self._open: list[tuple[int, int, int]] = []
        self._kept: list[bytes] = []

    def lines(self, count: int, start: Instant, rate: float) -> Iterator[bytes]:
        """``count`` lines whose published times follow each other at ``rate`` a second from ``start``."""
        step = SECOND / rate
        for place in range(count):
            yield self._line(start + int(place * step))

    def _line(self, at: Instant) -> bytes:
        dice = self._random.random()
        if dice < 0.02 and self._kept:
            return self._random.choice(self._kept)
        self._next += 1 + int(dice * 3)
        line = _encode(self._post(at, dice))
        if dice > 0.98:
            self._kept = [*self._kept[-200:], line]
        return line

    def _post(self, at: Instant, dice: float) -> dict[str, object]:
        chance, number = self._random, self._next
        if dice < 0.6 or not self._open:
            author = int(chance.paretovariate(0.9) * 17) % 30_000
            self._open.append((number, number, author))
            if len(self._open) > 4000:
                del self._open[:2000]
            return _activity(number, at, f"p{author}", "Person", self._text(_OPENERS), number, 0)
        root, parent, author = chance.choice(self._open[-1500:])
        own = dice > 0.72
        texts = _ANSWERS if own else _FOLLOWS
        who = "harbourtel" if own else f"p{author}"
        return _activity(
            number, at, who, "Organization" if own else "Person", self._text(texts), root, parent
        )

    def _text(self, texts: tuple[str, ...]) -> str:
        chance = self._random
        return "@harbourtel " + chance.choice(texts).format(
            place=chance.choice(_PLACES), thing=chance.choice(_THINGS), number=chance.randrange(10**7, 10**8),
            n=chance.randrange(2, 90), nnn=chance.randrange(100, 999),
        )  # fmt: skip


def _activity(
    number: int, at: Instant, who: str, kind: str, text: str, root: int, parent: int
) -> dict[str, object]:
    moment, actor = to_iso(at), f"https://social.example/users/{who}"
    post = f"https://social.example/statuses/{number}"
    public = ["https://www.w3.org/ns/activitystreams#Public"]
    note: dict[str, object] = {
        "id": post, "type": "Note", "attributedTo": actor, "published": moment, "content": text,
        "context": f"https://social.example/threads/{root}", "to": public, "mediaType": "text/plain",
        "tag": [{"type": "Mention", "href": "https://social.example/users/harbourtel", "name": "@harbourtel"}],
    }  # fmt: skip
    if parent:
        note["inReplyTo"] = f"https://social.example/statuses/{parent}"
    return {
        "@context": "https://www.w3.org/ns/activitystreams", "id": f"{post}/activity", "type": "Create",
        "published": moment, "to": public, "object": note,
        "actor": {"id": actor, "type": kind, "preferredUsername": who},
    }  # fmt: skip
