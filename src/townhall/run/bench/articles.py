"""``townhall bench articles``: whether the right article is among the three, how often nothing is said, and what it costs.

Every intent of a public set is an article: its name is the title, three questions of the training part its text. Questions of
the test part are asked as pages ask: as ``townhall_web``, for one brand. What is out of scope must get no suggestion.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import Connection

from townhall.care import articles as store
from townhall.database import Database
from townhall.database.connect import connect, for_brand, transaction
from townhall.desk.articles import answering
from townhall.enrich import plain_words
from townhall.enrich.sets import utterances
from townhall.flow import articles as acts
from townhall.flow.opening import open_brand
from townhall.kernel.clock import system_clock
from townhall.kernel.errors import NotFound
from townhall.people.doors import Asker

Told = Callable[[str, int, int], None]
SETS = ("banking77", "clinc150", "bitext")
OUTSIDE = "oos"
TAUGHT = 20
"""Questions an intent that count as answered with its article, for the second figure."""
ASKED = 300
VOCABULARY, WORDS = 20_000, 150
"""Of the made-up articles that only cost time."""
_SEED = 20


def bench_articles(database: Database, sets: Path, count: int, told: Told) -> dict[str, Any]:
    """Quality on each set that is there, then the time of a suggestion among ``count`` articles."""
    found: dict[str, Any] = {}
    with (
        connect(database.dsn("worker"), "bench articles") as conn,
        connect(database.dsn("web"), "bench articles") as web,
    ):
        for name in SETS:
            try:
                rows = {split: utterances(sets, name, split) for split in ("train", "test")}
                outside = [text for text, intent in utterances(sets, "clinc150", "test") if intent == OUTSIDE]
            except NotFound as missing:
                found[name] = {"missing": str(missing)}
                continue
            found[name] = _quality(conn, web, name, rows, outside, told)
        found["cost"] = _cost(database, conn, web, count, told)
    return found


def _quality(
    conn: Connection[Any],
    web: Connection[Any],
    name: str,
    rows: dict[str, list[tuple[str, str]]],
    outside: Sequence[str],
    told: Told,
) -> dict[str, Any]:
    known: dict[str, list[str]] = defaultdict(list)
    for text, intent in rows["train"]:
        known[intent].append(text)
    known.pop(OUTSIDE, None)
    asker = _empty(conn, name)
    ids = _shelve(
        conn,
        asker,
        [(intent.replace("_", " "), intent, "\n".join(texts[:3])) for intent, texts in known.items()],
    )
    asked = [(text, ids[intent]) for text, intent in rows["test"] if intent in ids]
    plain = _ask(web, asker, asked, outside, lambda n, of: told(name, n, of))
    with transaction(conn):
        taught = [
            (ids[intent], n, " ".join(plain_words(text)))
            for intent, texts in known.items()
            for n, text in enumerate(texts[3 : 3 + TAUGHT])
        ]
        store.learn(conn, asker.brand_id, list(ids.values()), taught)
    after = _ask(web, asker, asked, outside, lambda n, of: told(f"{name}, taught", n, of))
    return {
        "articles": len(ids),
        "questions": len(asked),
        "outside": len(outside),
        **plain,
        "taught": {"each": TAUGHT, **after},
    }


def _ask(
    web: Connection[Any],
    asker: Asker,
    asked: Sequence[tuple[str, int]],
    outside: Sequence[str],
    told: Callable[[int, int], None],
) -> dict[str, float]:
    """Shares, of the questions in scope unless named otherwise."""
    first = among = silent = quiet = 0
    with transaction(web, brand=asker.brand_id):
        for number, (text, right) in enumerate(asked):
            given = [one.why.article for one in answering(web, asker.brand_id, text, "en").suggested]
            first, among, silent = (
                first + (given[:1] == [right]),
                among + (right in given),
                silent + (not given),
            )
            told(number + 1, len(asked) + len(outside))
        for number, text in enumerate(outside):
            quiet += not answering(web, asker.brand_id, text, "en").suggested
            told(len(asked) + number + 1, len(asked) + len(outside))
    shares = {"first": first, "among_three": among, "silent": silent}
    shown = {name: round(n / max(len(asked), 1), 4) for name, n in shares.items()}
    answered = len(asked) - silent
    return {
        **shown,
        "among_three_where_any": round(among / max(answered, 1), 4),
        "silent_outside": round(quiet / max(len(outside), 1), 4),
    }


def _cost(
    database: Database, conn: Connection[Any], web: Connection[Any], count: int, told: Told
) -> dict[str, Any]:
    asker, chance = _empty(conn, "cost"), random.Random(_SEED)  # noqa: S311  a benchmark, not a secret
    words = _made_words(chance)
    began = time.perf_counter()
    _shelve(conn, asker, [(_text(words, 6), str(n), _text(words, WORDS)) for n in range(count)])
    with connect(database.dsn("owner"), "bench articles") as owner:
        owner.execute("VACUUM ANALYZE article, article_term")  # as it is soon after an import
    filled, took, any_found = time.perf_counter() - began, [], 0
    with transaction(web, brand=asker.brand_id):
        for number in range(ASKED):
            text, start = _text(words, 25), time.perf_counter()
            any_found += bool(answering(web, asker.brand_id, text, "en", "billing").suggested)
            took.append((time.perf_counter() - start) * 1000)
            told("cost", number + 1, ASKED)
    took.sort()
    return {
        "articles": count, "words_each": WORDS, "asked": ASKED, "words_asked": 25, "with_suggestions": any_found,
        "fill_s": round(filled, 1), "p50_ms": round(took[ASKED // 2], 2), "p99_ms": round(took[int(ASKED * 0.99)], 2),
    }  # fmt: skip


def _made_words(chance: random.Random) -> Iterator[str]:
    """Made-up words without end, few of them often: the n-th with a share of 1 / n, as in texts of people."""
    named = [
        "".join(chance.choice("bdfgklmnprstv") + chance.choice("aeiou") for _ in range(3)) + str(n)
        for n in range(VOCABULARY)
    ]
    shares = [1 / (n + 1) for n in range(VOCABULARY)]
    while True:
        yield from chance.choices(named, shares, k=10_000)


def _text(words: Iterator[str], count: int) -> str:
    return " ".join(next(words) for _ in range(count))


def _empty(conn: Connection[Any], name: str) -> Asker:
    """A lead at a brand of the benchmark's own, whose articles of an earlier run are gone."""
    slug = f"bench-articles-{name}"
    with transaction(conn):
        brand = open_brand(conn, slug, system_clock(), name=f"Bench articles {name}").brand.id
        for table in ("article_term", "article_change", "article"):
            conn.execute(f"DELETE FROM {table} WHERE brand_id = %s", [brand])
    return Asker(staff_id=0, name="bench", brand_id=brand, brand_slug=slug, roles=frozenset({"lead"}))


def _shelve(conn: Connection[Any], asker: Asker, articles: Sequence[tuple[str, str, str]]) -> dict[str, int]:
    """Articles of (title, path, text), taken in as a file is. Gives their ids by path."""
    lines = (
        {"title": title, "url": f"https://help.example/{path}", "text": text, "language": "en"}
        for title, path, text in articles
    )
    with transaction(conn):
        for_brand(conn, asker.brand_id)
        acts.take_in(conn, asker, b"\n".join(map(msgspec.json.encode, lines)), system_clock())
        rows = conn.execute("SELECT url, id FROM article WHERE brand_id = %s", [asker.brand_id]).fetchall()
    return {url.rpartition("/")[2]: id for url, id in rows}
