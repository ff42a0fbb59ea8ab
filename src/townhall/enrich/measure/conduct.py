"""What posts do, as shipped: abuse, spam, risky links, near-copies."""

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from townhall.enrich.logic.copies import Copies
from townhall.enrich.logic.links import judge
from townhall.enrich.measure.scores import Task, read, yes_or_no
from townhall.enrich.sets import messages, rows
from townhall.enrich.sets.offensive import offensive_posts
from townhall.enrich.understanding import Understanding
from townhall.kernel.clock import SECOND


def _offensive(sets: Path, reader: Understanding) -> dict[str, Any]:
    pairs = offensive_posts(sets)
    found, us = read(reader, [text for text, _ in pairs])
    return yes_or_no("macro_f1", pairs, [one.abuse_p for one in found], us, "abuse")


def _hatecheck(sets: Path, reader: Understanding) -> dict[str, Any]:
    """The suite of functional tests; nothing here has learnt from it."""
    pairs = [(row["test_case"], row["label_gold"] == "hateful") for row in rows(sets, "hatecheck", "cases")]
    found, us = read(reader, [text for text, _ in pairs])
    return yes_or_no("macro_f1", pairs, [one.abuse_p for one in found], us, "abuse")


def _sms(sets: Path, reader: Understanding) -> dict[str, Any]:
    """The fifth of the messages that the spam model has not learnt from."""
    pairs = [(text, label == "spam") for text, label in messages(sets, "test")]
    found, us = read(reader, [text for text, _ in pairs])
    return yes_or_no("f1", pairs, [one.spam_p for one in found], us, "spam")


def _comments(sets: Path, reader: Understanding) -> dict[str, Any]:
    pairs = [(row["text"], row["spam"] == "1") for row in rows(sets, "youtube_spam", "comments")]
    found, us = read(reader, [text for text, _ in pairs])
    return yes_or_no("accuracy", pairs, [one.spam_p for one in found], us, "spam")


def _phishing(sets: Path, _: Understanding) -> dict[str, Any]:
    """By the address alone. Half of these addresses are phishing, of links in posts very few: mind the precision."""
    pairs = [(row["url"], row["label"] == "phishing") for row in rows(sets, "phishing_urls", "urls")]
    began = time.process_time()
    likely = [judge(address).risk for address, _ in pairs]
    us = (time.process_time() - began) * 1e6 / max(1, len(pairs))
    made = yes_or_no("precision", pairs, likely, us)
    return {**made, "area_under_curve": round(_area(likely, [true for _, true in pairs]), 4)}


def _area(likely: Sequence[float], truth: Sequence[bool]) -> float:
    """How often a true one is given a higher chance than a false one (Mann and Whitney); ties count half."""
    values, place = np.unique(np.array(likely), return_inverse=True)
    yes = np.bincount(place, np.array(truth, float), len(values))
    no = np.bincount(place, 1 - np.array(truth, float), len(values))
    below = np.cumsum(no) - no
    return float((yes * (below + no / 2)).sum() / max(1.0, yes.sum() * no.sum()))


_SHARE_COPIED = 0.25
_LONG_ENOUGH = 8


def _near_duplicates(sets: Path, reader: Understanding) -> dict[str, Any]:
    """Care posts, a quarter of which come again by others: with another handle and link, a word more or a word less.

    Found means that a copy is counted as one; wrong is a post counted though nobody made a copy of it.
    """
    chance = random.Random(17)  # noqa: S311 - a repeatable choice of posts
    posts = list(dict.fromkeys(row["text"] for row in rows(sets, "airline_sentiment", "tweets")))
    stream = list(_with_copies(posts, chance))
    found, us = read(reader, [text for text, _ in stream])
    began = time.process_time()
    counts = Copies().count(
        [(1, one.simhash, n * SECOND // 10, n, len(one.terms)) for n, one in enumerate(found)]
    )
    alone = (time.process_time() - began) * 1e6 / max(1, len(stream))
    kinds = sorted({kind for _, kind in stream if kind})
    recall = {
        f"recall_{kind}": float(
            np.mean([n > 0 for n, (_, k) in zip(counts, stream, strict=True) if k == kind])
        )
        for kind in kinds
    }
    pairs = [(text, bool(kind)) for text, kind in stream]
    made = yes_or_no("f1", pairs, [float(count > 0) for count in counts], alone)
    return {
        **made,
        "calibration_error": -1.0,
        "reading_us": round(us, 1),
        **{k: round(v, 4) for k, v in recall.items()},
    }


def _with_copies(posts: Sequence[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, str]] = []
    for post in posts:
        words = post.split()
        yield post, ""
        if len(words) >= _LONG_ENOUGH and chance.random() < _SHARE_COPIED:
            place = chance.randrange(1, len(words))
            waiting += [
                ("@other " + " ".join(words) + f" https://t.co/{chance.randrange(10**6)}", "link"),
                (" ".join([*words[:place], "really", *words[place:]]), "word_more"),
                (" ".join([*words[:place], *words[place + 1 :]]), "word_less"),
            ][:: chance.choice((1, 2, 3))]
        if len(waiting) > 40:
            yield waiting.pop(chance.randrange(len(waiting)))


CONDUCT: dict[str, Task] = {
    "offensive": _offensive,
    "hatecheck": _hatecheck,
    "sms_spam": _sms,
    "youtube_spam": _comments,
    "phishing_urls": _phishing,
    "near_duplicates": _near_duplicates,
}
"""Task → how the shipped reading is measured in it."""
