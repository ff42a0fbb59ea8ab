"""What a text says that it should not: personal data found, cards and secrets removed.

``redact`` runs before anything is stored; ``find_personal_data`` serves triage and the outbound guard.
Every pattern is bounded, so that a hostile text costs time in proportion to its length.
"""

from collections.abc import Sequence

from townhall.enrich.logic.cards import ascii_digits, find_cards
from townhall.enrich.logic.contacts import (
    find_addresses,
    find_birth_dates,
    find_emails,
    find_ips,
    find_phones,
    find_streets,
)
from townhall.enrich.logic.gate import Gate
from townhall.enrich.logic.numbers import find_ibans, find_national_ids
from townhall.enrich.logic.secrets import find_secrets
from townhall.enrich.logic.signs import SIGNS
from townhall.enrich.logic.spans import settle
from townhall.kernel.finding import Finding

_GATE = Gate(SIGNS)
_REDACTION_GATE = Gate([sign for sign in SIGNS if sign[0] in ("card", "secret")])
_PLACEHOLDERS = {"card": "[card removed]", "secret": "[secret removed]", "password": "[password removed]"}
_FINDERS = {
    "card": find_cards,
    "secret": find_secrets,
    "iban": find_ibans,
    "national_id": find_national_ids,
    "email": find_emails,
    "phone": find_phones,
    "birth_date": find_birth_dates,
    "street": find_streets,
    "address": find_addresses,
    "ip": find_ips,
}


def find_personal_data(text: str) -> tuple[Finding, ...]:
    """Every finding in one text, in order of place, none overlapping."""
    plain = ascii_digits(text)
    return settle(finding for find in _FINDERS.values() for finding in find(plain))


def find_personal_data_batch(texts: Sequence[str]) -> list[tuple[Finding, ...]]:
    """``find_personal_data`` of each, with one scan to tell which finders are worth asking."""
    found: list[tuple[Finding, ...]] = [()] * len(texts)
    plain = list(map(ascii_digits, texts))
    for place, sorts in _GATE.open(plain).items():
        text = plain[place]
        found[place] = settle(finding for sort in _GATE.sorts_of(sorts) for finding in _FINDERS[sort](text))
    return found


def redact(text: str) -> tuple[str, tuple[Finding, ...]]:
    """The text without card numbers and secrets, and what was taken out.

    Findings index the text *as given* and never hold the value. The text is the same object when nothing
    was found.
    """
    plain = ascii_digits(text)
    found = settle([*find_cards(plain), *find_secrets(plain)])
    for finding in reversed(found):
        text = text[: finding.start] + _PLACEHOLDERS[finding.kind] + text[finding.end :]
    return text, found


def redact_batch(texts: Sequence[str]) -> list[tuple[str, tuple[Finding, ...]]]:
    """``redact`` of each; texts that cannot hold a card or secret are known from one scan of them all."""
    results: list[tuple[str, tuple[Finding, ...]]] = [(text, ()) for text in texts]
    for place in _REDACTION_GATE.open(list(map(ascii_digits, texts))):
        results[place] = redact(texts[place])
    return results
