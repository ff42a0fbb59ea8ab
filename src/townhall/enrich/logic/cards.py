"""Payment card numbers in free text, however the digits are spaced.

People write ``4111 1111-1111.1111`` over two lines, in full-width digits, or one digit at a time. Digits with
at most three characters that are neither letter nor digit between them are one *run*; the groups of a run that,
taken together, pass issuer and Luhn are a card; after a word for card, Luhn alone will do. A number is never sought inside an unbroken group, so a
22-digit parcel number stays.
"""

import re
import unicodedata

from townhall.enrich.logic.checks import is_card, passes_luhn
from townhall.enrich.logic.spans import merge
from townhall.kernel.finding import Finding

_RUN = re.compile(r"\d(?:(?:[^\w@]|_){0,3}\d){11,}")
_GROUP = re.compile(r"\d+")
_FOREIGN_DIGIT = re.compile(r"[^\W\D0-9]")
_MAX_DIGITS = 19
_NEAR = 30
_CARD_WORD = re.compile(
    r"(?i:\b(?:card|cc|visa|mastercard|maestro|amex|credit|debit|karte|kreditkarte|carte|tarjeta|cart[aã]o|carta)\b)[^\d]{0,40}\Z"
)


def ascii_digits(text: str) -> str:
    """The text with every decimal digit of any script as 0–9; length and places unchanged."""
    if text.isascii():
        return text
    return _FOREIGN_DIGIT.sub(lambda m: str(unicodedata.digit(m[0], m[0])), text)


def _cards_of_run(groups: list[tuple[int, str]], named_until: int) -> list[tuple[int, int]]:
    """Spans (start, end) made of whole neighbouring groups that together are a card.

    Groups that start before ``named_until`` stand close behind a word for card, and need no known issuer.
    """
    spans = []
    for first, (start, _) in enumerate(groups):
        digits = ""
        for place, part in groups[first : first + _MAX_DIGITS]:
            digits += part
            if len(digits) > _MAX_DIGITS:
                break
            # Thirteen digits in groups are nearly always a phone number with something behind it.
            enough = len(digits) >= 14 or (len(digits) >= 12 and digits == part)
            if enough and (is_card(digits) or (start < named_until and passes_luhn(digits))):
                spans.append((start, place + len(part)))
    return spans


def find_cards(text: str) -> list[Finding]:
    """Card numbers in the text (its digits as ``ascii_digits`` gives them), as findings that hold no digit of them."""
    spans: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        named = _CARD_WORD.search(text, max(0, run.start() - 60), run.start()) is not None
        groups = [(run.start() + g.start(), g[0]) for g in _GROUP.finditer(run[0])]
        spans += _cards_of_run(groups, run.start() + _NEAR if named else 0)
    reason = "a payment card number: issuer and check digit agree"
    return [Finding("card", start, end, reason, 0.99) for start, end in merge(spans)]
