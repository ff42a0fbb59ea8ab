"""Keys, tokens and passwords that were never anybody's, planted in real posts: how many are found, and what else is.

Each is made up anew from its issuer's published shape by a seeded chance, so that none stands in a file. Some shapes are in no
rule; they count like the others, for people paste those too.
"""

import random
import string
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from townhall.enrich.logic.personal_data import find_personal_data_batch
from townhall.enrich.measure.scores import BATCH, entry
from townhall.enrich.sets import chat_lines, rows
from townhall.enrich.understanding import Understanding
from townhall.kernel.finding import Finding

_LETTERS = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_HEX = "0123456789abcdef"
_SAFE = _LETTERS + "-_"
_EACH = 60
"""Plants of each sort."""
_MOST_LINES = 20_000
Make = Callable[[random.Random], tuple[str, str]]
"""Gives what is written into a post, and the part of it that must not be kept."""


def _drawn(chance: random.Random, alphabet: str, length: int) -> str:
    return "".join(chance.choices(alphabet, k=length))


def _after(prefix: str, alphabet: str, length: int, words: str = "{}") -> Make:
    def make(chance: random.Random) -> tuple[str, str]:
        value = prefix + _drawn(chance, alphabet, length)
        return words.format(value), value

    return make


def _said(*phrases: str) -> Make:
    def make(chance: random.Random) -> tuple[str, str]:
        value = _drawn(chance, string.ascii_lowercase, 6) + _drawn(chance, string.digits, 3)
        return chance.choice(phrases).format(value), value

    return make


def _web_token(chance: random.Random) -> tuple[str, str]:
    parts = (
        '{"alg":"HS256","typ":"JWT"}',
        f'{{"sub":"{chance.randrange(10**9)}"}}',
        _drawn(chance, _LETTERS, 32),
    )
    value = ".".join(urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)
    return value, value


def _private_key(chance: random.Random) -> tuple[str, str]:
    lines = "\n".join(_drawn(chance, _LETTERS + "+/", 64) for _ in range(6))
    begin, end = (f"-----{word} RSA PRIVATE" + " KEY-----" for word in ("BEGIN", "END"))
    return f"{begin}\n{lines}\n{end}", lines


def _card_code(chance: random.Random) -> tuple[str, str]:
    value = _drawn(chance, string.digits, 3)
    return f"{chance.choice(('cvv', 'CVC', 'security code', 'cvv2 is'))} {value}", value


SORTS: dict[str, Make] = {
    "aws_key_id": _after("AK" + "IA", _UPPER, 16),
    "github": _after("gh" + "p_", _LETTERS, 36),
    "gitlab": _after("gl" + "pat-", _SAFE, 20, "here: {}"),
    "slack": _after("xo" + "xb-", _LETTERS, 40),
    "stripe": _after("sk" + "_live_", _LETTERS, 24),
    "google": _after("AI" + "za", _SAFE, 35, "key={}"),
    "model_key": _after("sk" + "-", _LETTERS, 48),
    "web_token": _web_token,
    "registry": _after("np" + "m_", _LETTERS, 36),
    "shop": _after("sh" + "pat_", _HEX, 32),
    "bearer": _after("", _LETTERS, 40, "Authorization: Bearer {}"),
    "in_address": _after("", _LETTERS, 14, "postgres://app:{}@db.example.com/main"),
    "named_key": _after("", _LETTERS, 32, "api key: {}"),
    "private_key": _private_key,
    "card_code": _card_code,
    "password": _said("password: {}", "my password is {}", "pw = {}", "Passwort: {}", "mot de passe : {}", "contraseña: {}", "пароль: {}"),
    "loose_password": _said("password {}", "log in with jo.fern and {}", "the pass is {}", "try {} as the password", "user jo pass {}"),
    "mail_key": _after("key" + "-", _HEX, 32),
    "list_key": _after("", _HEX, 32, "{}-us12"),
    "square": _after("sq0" + "atp-", _SAFE, 22),
    "storage_key": _after("", _LETTERS + "+/", 86, "AccountName=fern;AccountKey={}=="),
    "chat_hook": _after("", _SAFE, 68, "https://discord.com/api/webhooks/123456789012345678/{}"),
}  # fmt: skip
"""Sort → how one is made up. The last six are in no rule."""


def planted(posts: list[str], chance: random.Random) -> Iterator[tuple[str, str, int, int]]:
    """(sort, post, where the secret begins and ends): in the middle of a post or behind it."""
    for sort, make in SORTS.items():
        for _ in range(_EACH):
            words = chance.choice(posts).split()
            written, value = make(chance)
            place = chance.choice((len(words), chance.randrange(len(words) + 1)))
            before = " ".join([*words[:place], ""])
            start = len(before) + written.index(value)
            yield sort, " ".join([before + written, *words[place:]]), start, start + len(value)


def secrets(sets: Path, _: Understanding) -> dict[str, Any]:
    """Found is a secret whose every character lies in findings; wrong is a post without one in which some is found."""
    posts = [row["text"] for row in rows(sets, "airline_sentiment", "tweets")]
    plain = [*posts, *chat_lines(sets)[:_MOST_LINES]]
    plants = list(planted(posts, random.Random(29)))  # noqa: S311 - made-up values for a measurement
    found, us = _found([text for _, text, _, _ in plants] + plain)
    by: dict[str, list[bool]] = {}
    for (sort, _text, start, end), findings in zip(plants, found, strict=False):
        by.setdefault(sort, []).append(covered(findings, start, end))
    hit = sum(map(sum, by.values()))
    wrong = sum(map(bool, found[len(plants) :]))
    recall, precision = hit / len(plants), hit / max(1, hit + wrong)
    return entry(
        "recall", recall, us, len(plants) + len(plain), precision=precision, recall=recall,
        f1=2 * hit / max(1, hit + wrong + len(plants)), planted=len(plants), ordinary=len(plain), wrong=wrong,
        recall_by_sort={sort: round(sum(hits) / len(hits), 3) for sort, hits in by.items()},
    )  # fmt: skip


def _found(texts: list[str]) -> tuple[list[list[Finding]], float]:
    """The secrets and passwords found in each text, and microseconds for each."""
    began = time.process_time()
    found = [
        [one for one in findings if one.kind in ("secret", "password")]
        for start in range(0, len(texts), BATCH)
        for findings in find_personal_data_batch(texts[start : start + BATCH])
    ]
    return found, (time.process_time() - began) * 1e6 / max(1, len(texts))


def covered(findings: list[Finding], start: int, end: int) -> bool:
    """Whether every character from ``start`` up to ``end`` lies in a finding."""
    return set(range(start, end)) <= {place for one in findings for place in range(one.start, one.end)}
