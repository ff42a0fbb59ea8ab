"""How surely handles and hosts that are made to be taken for a brand's own are seen, among those of honest strangers.

Handles are those of real care accounts, and strangers are real too: other brands' accounts and people's names in chat
rooms. What imitates them is made here, by Unicode's tables of confusable characters and by habits of impostors; the
rules know neither table nor list.
"""

import gzip
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from townhall.enrich.sets import rows
from townhall.flow.danger import IMITATES_FROM
from townhall.kernel.errors import NotFound
from townhall.outbound.logic.imitation import imitates
from townhall.outbound.logic.lookalike import likeness

_ADDED = ("help", "support", "care", "secure", "login", "refund")
_ENDINGS = ("net", "info", "shop", "co")
_POSING = (
    "Support", "_Help", "Care", "_Service", "Assist", "Helpdesk", "_Refunds", "Claims", "_Agent", "CustomerCare",
    "Hotline", "_Verify", "Official", "Team", "_Complaints",
)  # fmt: skip
"""What impostors put behind a name; half of these words are in no rule."""
_BEFORE = ("Ask", "The", "Real", "Official", "Contact", "My")
_STRANGERS = 4_000
_SHORTEST = 5
"""Letters of a handle; one letter changed in a shorter one makes just another name."""
_EACH = 6
"""Fakes of each sort a handle."""
Tables = dict[str, list[str]]
Asked = list[tuple[str, str, str]]
"""Name asked about, the brand's own name, and the sort of fake ("" for an honest one)."""
Sort = Callable[[str, Tables, random.Random], Iterator[str]]


def lookalike(sets: Path) -> dict[str, Any]:
    """Handles and hosts together, and each alone. Found means 0.7 or more, from where a post is marked."""
    tables = _tables(sets)
    handles = _measured(_handles(sets, tables), lambda name, own: imitates(name, "", (own,))[0])
    hosts = _measured(_hosts(sets, tables), lambda name, own: likeness(name, (own,))[0])
    both = {
        key: handles["counts"][key] + hosts["counts"][key]
        for key in ("hit", "fakes", "wrong", "rows", "seconds")
    }
    return {
        "metric": "recall",
        **_figures(both),
        "calibration_error": -1.0,
        "handles": _told(handles),
        "domains": _told(hosts),
    }


def _measured(asked: Asked, ask: Callable[[str, str], float]) -> dict[str, Any]:
    began = time.process_time()
    said = [ask(name, own) >= IMITATES_FROM for name, own, _ in asked]
    seconds = time.process_time() - began
    by: dict[str, list[bool]] = {}
    for held, (_, _, sort) in zip(said, asked, strict=True):
        by.setdefault(sort, []).append(held)
    wrong = sum(by.pop("", []))
    hit, fakes = sum(map(sum, by.values())), sum(map(len, by.values()))
    recall = {sort: round(sum(held) / len(held), 3) for sort, held in sorted(by.items())}
    counts = {"hit": hit, "fakes": fakes, "wrong": wrong, "rows": len(asked), "seconds": seconds}
    return {"counts": counts, "recall_by_sort": recall}


def _figures(counts: dict[str, Any]) -> dict[str, Any]:
    recall = counts["hit"] / max(1, counts["fakes"])
    precision = counts["hit"] / max(1, counts["hit"] + counts["wrong"])
    return {
        "shipped": round(recall, 4), "precision": round(precision, 4), "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 4),
        "us": round(counts["seconds"] * 1e6 / max(1, counts["rows"]), 1), "rows": counts["rows"],
        "fakes": counts["fakes"],
    }  # fmt: skip


def _told(measured: dict[str, Any]) -> dict[str, Any]:
    return {**_figures(measured["counts"]), "recall_by_sort": measured["recall_by_sort"]}


def _tables(sets: Path) -> Tables:
    """Letter or digit → the characters that Unicode says can be taken for it, ASCII ones among them."""
    path = sets / "homoglyphs" / "unicode_confusables.txt.gz"
    if not path.exists():
        raise NotFound(f"the data set homoglyphs is not in {sets}")
    alike: dict[str, set[str]] = {}
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        for line in lines:
            parts = line.partition("#")[0].split(";")
            if len(parts) >= 2 and len(parts[0].split()) == 1:
                target = "".join(chr(int(code, 16)) for code in parts[1].split()).casefold()
                alike.setdefault(target, set()).add(chr(int(parts[0], 16)))
    found: Tables = {}
    for target, looks in alike.items():
        group = [c for c in (*looks, target) if len(c) == 1 and c.isalnum()]
        for letter in {c.casefold() for c in group if c.isascii()}:
            found[letter] = sorted(c for c in group if c.casefold() != letter)
    return found


def _handles(sets: Path, tables: Tables) -> Asked:
    chance = random.Random(23)  # noqa: S311 - names for a measurement
    own = sorted({row["brand"] for row in rows(sets, "twcs", "posts") if row["author_id"] == row["brand"]})
    own = [name for name in own if len(name) >= _SHORTEST]
    if not own:
        raise NotFound(f"the data set twcs in {sets} has no posts of brands")
    nicks = sorted({row["nick"] for row in rows(sets, "irc_support", "messages") if row["nick"]})
    asked: Asked = [(fake, name, sort) for name in own for fake, sort in _fakes(name, tables, chance)]
    asked += [(nick, chance.choice(own), "") for nick in nicks]
    return asked + [(other, name, "") for name in own for other in own if other != name]


def _fakes(name: str, tables: Tables, chance: random.Random) -> Iterator[tuple[str, str]]:
    for sort, make in _SORTS.items():
        made = [fake for fake in make(name, tables, chance) if fake.casefold() != name.casefold()]
        yield from ((fake, sort) for fake in chance.sample(made, min(_EACH, len(made))))


def _changed(name: str, tables: Tables, chance: random.Random, letters: int, ascii_only: bool) -> str:
    """So many letters of the name replaced, where something looks like them."""
    looks = [
        [c for c in tables.get(letter, ()) if c.isascii() or not ascii_only] for letter in name.casefold()
    ]
    places = [place for place, found in enumerate(looks) if found]
    chosen = set(chance.sample(places, min(letters, len(places))))
    return "".join(chance.choice(looks[n]) if n in chosen else letter for n, letter in enumerate(name))


def _confusable(letters: int, ascii_only: bool = False) -> Sort:
    return lambda name, tables, chance: (
        _changed(name, tables, chance, letters, ascii_only) for _ in range(2 * _EACH)
    )


def _mistyped(name: str, _: Tables, chance: random.Random) -> Iterator[str]:
    for place in range(1, len(name) - 1):
        yield name[:place] + name[place + 1 :]
        yield name[:place] + name[place] + name[place:]
        yield name[:place] + name[place + 1] + name[place] + name[place + 2 :]
        yield name[:place] + chance.choice("abcdefghijklmnopqrstuvwxyz") + name[place + 1 :]


def _parted(name: str, _: Tables, chance: random.Random) -> Iterator[str]:
    place = chance.randrange(2, len(name) - 1)
    yield from (f"{name}_", f"_{name}", f"{name}__", f"{name[:place]}_{name[place:]}", f"{name}.", f"{name}-")
    yield from (f"{name}{number}" for number in ("1", "24", "247", "01"))


def _posing(name: str, _: Tables, chance: random.Random) -> Iterator[str]:
    yield from (name + word for word in _POSING)
    yield from (word + name for word in _BEFORE[:4])


def _elsewhere(name: str, _: Tables, chance: random.Random) -> Iterator[str]:
    """Where an account says "Help", impostors say "Support": the brand's name with another word of care."""
    bare = name.casefold().replace("_", "")
    for word in sorted(_OWN_WORDS, key=len, reverse=True):
        rest = bare.removeprefix(word) if bare.startswith(word) else bare.removesuffix(word)
        if rest != bare and len(rest) >= 4:
            yield from (rest + other for other in _POSING[:8] if word.rstrip("s") not in other.casefold())
            yield from (f"{before}{rest}" for before in ("Contact", "Ask") if before.casefold() != word)
            return


_OWN_WORDS = ("ask", "help", "helps", "support", "cares", "care", "assist", "helpers")
_SORTS: dict[str, Sort] = {
    "one_confusable": _confusable(1),
    "two_confusable": _confusable(2),
    "three_confusable": _confusable(3),
    "ascii_confusable": _confusable(2, ascii_only=True),
    "mistyped": _mistyped,
    "parted": _parted,
    "posing": _posing,
    "another_word": _elsewhere,
}


def _hosts(sets: Path, tables: Tables) -> Asked:
    """Hosts of made-up brands, and honest hosts of others."""
    chance = random.Random(11)  # noqa: S311 - names for a measurement
    asked: Asked = []
    for brand in _BRANDS:
        asked += [(fake, f"{brand}.com", sort) for fake, sort in _fake_hosts(brand, tables, chance)]
    honest = {r["host"] for r in rows(sets, "phishing_urls", "urls") if r["label"] == "legitimate"}
    return asked + [(host, f"{chance.choice(_BRANDS)}.com", "") for host in sorted(honest)[:_STRANGERS]]


def _fake_hosts(brand: str, tables: Tables, chance: random.Random) -> Iterator[tuple[str, str]]:
    for letters, sort in ((1, "one_confusable"), (2, "two_confusable"), (3, "three_confusable")):
        yield from (
            (f"{_changed(brand, tables, chance, letters, False)}.com", sort) for _ in range(3 * _EACH)
        )
    for place in range(1, len(brand) - 1):
        yield f"{brand[:place]}{brand[place + 1 :]}.com", "mistyped"
        yield f"{brand[:place]}{brand[place + 1]}{brand[place]}{brand[place + 2 :]}.com", "mistyped"
    yield from ((f"{brand}-{word}.com", "posing") for word in _ADDED)
    yield from ((f"{brand}.{ending}", "another_ending") for ending in _ENDINGS)


_BRANDS: Sequence[str] = (
    "harbourtel", "fernhill", "northbank", "skylarkair", "millstonefoods", "brightcable", "oakfieldstores", "tidewater",
)  # fmt: skip
