"""What judging costs a post under a large policy: from contexts to verdicts, in batches as the pipeline has them.

Time is that of the processor, so that neighbours on the machine count little; the median of the batches is told.
"""

import random
import time
from collections.abc import Callable
from statistics import median

from townhall.policy.logic import Context, Policy, judge, parse_policy
from townhall.run.bench.rules import large_policy

BATCH = 1_000
_TEXTS = (
    "why is there no signal in {a} since {n} this morning?", "the {a} {n} you sent me does not work, third time now",
    "thank you for the quick help with my {a}!", "just had coffee with {b}, what a day", "my {a} bill is wrong again, {b}",
    "is the {b} {n} back in stock?", "no {a} {n}, no {b}, nothing works here", "watching the game with {b} tonight",
)  # fmt: skip
_WORDS = ("router", "bill", "tablet", "fibre", "roaming", "voucher", "handset", "tariff", "parcel", "order")
_INTENTS = ("outage", "billing", "delivery", "complaint", "praise", "other", "unsure")


def bench_judging(
    rules: int, queues: int, posts: int, tick: Callable[[int], None] = lambda done: None, seed: int = 3
) -> dict[str, float | int]:
    """Gives ``us_per_post`` with so many rules beside the starter policy's, ``starter_us_per_post`` without them, and how
    long the document takes to be read (``read_s``, once for each version)."""
    began = time.process_time()
    large = parse_policy(large_policy(rules, queues))
    read_s = time.process_time() - began
    small = parse_policy(large_policy(0, 0))
    chance = random.Random(seed)  # noqa: S311 - texts for a measurement
    contexts = [_context(chance) for _ in range(posts)]
    took: dict[str, list[float]] = {"large": [], "small": []}
    for start in range(0, posts, BATCH):
        batch = contexts[start : start + BATCH]
        for name, policy in (("large", large), ("small", small)):
            took[name].append(_once(policy, batch))
        tick(start + len(batch))
    return {
        "rules": len(large.rules), "queues": len({rule.queue for rule in large.rules}), "posts": posts,
        "us_per_post": round(median(took["large"]), 2), "starter_us_per_post": round(median(took["small"]), 2),
        "read_s": round(read_s, 2),
    }  # fmt: skip


def _once(policy: Policy, batch: list[Context]) -> float:
    began = time.process_time_ns()
    judge(policy, batch)
    return (time.process_time_ns() - began) / 1_000 / len(batch)


def _context(chance: random.Random) -> Context:
    text = chance.choice(_TEXTS).format(
        a=chance.choice(_WORDS), b=chance.choice(_WORDS), n=chance.randrange(100, 420)
    )
    asks = "?" in text
    return Context(
        text=text, language=chance.choice(("en", "en", "en", "de", "es")), question=asks, question_p=0.9 if asks else 0.1,
        intent=chance.choice(_INTENTS), sentiment=chance.choice((-1, 0, 0, 1)), complaint_p=chance.random(),
        length=len(text), author_handle=f"person{chance.randrange(5_000)}", channel="mastodon", hour=chance.randrange(24),
        sentiment_p=chance.random(), intent_p=chance.random(),
    )  # fmt: skip
