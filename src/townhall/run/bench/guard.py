"""How long one check of the guard takes: everything between the text and the decision, personal data included.

What a check reads from the database (terms, domains, the place) is not in it. The texts are replies as agents write
them, of 120 to 500 characters and one in 200 of 10,000 (a long private message: some 15 ms), many with something to
find; the brand has 60 terms and 12 hosts.
"""

import random
import time
from collections.abc import Callable

from townhall import enrich
from townhall.outbound.logic.guard import judge
from townhall.outbound.logic.words import Saying, Surroundings, Term

_PARTS = (
    "Thank you for telling us, and sorry for the wait.", "Your parcel left our house this morning.",
    "Please open https://fernhill.com/help and choose your order.", "We have looked into the outage in your street.",
    "You can call us on +44 20 7946 0991.", "Write to help@fernhill.com.", "The engineer comes between 8 and 12.",
    "Have a look at fernhi11.com", "@dana we have answered your message.", "See bit.ly/3xYz for the form.",
    "The refund of £42.50 is on its way to you.", "Ваша посылка уже в пути.", "お問い合わせありがとうございます。",
)  # fmt: skip
_DOMAINS = tuple(f"{name}.com" for name in ("fernhill", "fern-hill", "hillcare", "fernpay", "fernmobile", "fernbroad",
                                            "fernstore", "fernhelp", "fernjobs", "fernnews", "fernbiz", "fernlab"))  # fmt: skip
_TERMS = tuple(
    Term(
        "forbidden" if n % 3 else "required",
        f"phrase number {n}",
        "Because.",
        "hold",
        "" if n % 3 else f"topic {n}",
    )
    for n in range(60)
)


def bench_guard(
    checks: int, tick: Callable[[int], None] = lambda done: None, seed: int = 7
) -> dict[str, float | int]:
    """Judges ``checks`` texts one by one. Gives ``checks``, ``p50_ms``, ``p99_ms``, ``max_ms``."""
    chance = random.Random(seed)  # noqa: S311 - texts for a measurement
    for _ in range(200):
        _check(_text(chance))
    took = []
    for done in range(checks):
        text = _text(chance)
        began = time.perf_counter_ns()
        _check(text)
        took.append(time.perf_counter_ns() - began)
        if done % 500 == 0:
            tick(done)
    took.sort()
    at = [took[min(int(len(took) * share), len(took) - 1)] / 1e6 for share in (0.5, 0.99, 1.0)]
    return {"checks": checks, "p50_ms": round(at[0], 4), "p99_ms": round(at[1], 4), "max_ms": round(at[2], 4)}


def _text(chance: random.Random) -> str:
    most = 10_000 if chance.random() < 0.005 else chance.choice((120, 280, 500))
    parts: list[str] = []
    while sum(map(len, parts)) < most:
        parts.append(chance.choice(_PARTS))
    return " ".join(parts)[:most]


def _check(text: str) -> None:
    saying = Saying(
        text=text, kind="public", brand_id=1, account_id=1, visibility="public", recipient="dana", in_reply_to="9",
        conversation="c",
    )  # fmt: skip
    around = Surroundings(
        thread_brand=1, thread_account=1, thread_private=False, can_reply_private=True, length=len(text),
        max_length=500, personal=enrich.find_personal_data(text), terms=_TERMS, domains=_DOMAINS,
        strangers=frozenset({"mallory"}),
    )  # fmt: skip
    judge(saying, around)
