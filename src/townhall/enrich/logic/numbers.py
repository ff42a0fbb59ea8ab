"""Account and identity numbers in free text: IBANs and what states issue to people."""

import re
from collections.abc import Callable, Iterator

from townhall.enrich.logic.checks import (
    iban_length,
    is_brazilian_cpf,
    is_french_nir,
    is_iban,
    is_spanish_id,
    is_uk_nino,
    is_us_ssn,
    passes_verhoeff,
)
from townhall.kernel.finding import Finding

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]){11,30}")
_DIGIT = re.compile(r"\d")
_SEPARATOR = re.compile(r"[ \-.]")


def find_ibans(text: str) -> Iterator[Finding]:
    """IBANs, with or without spaces, that have their country's length and pass mod 97."""
    for hit in _IBAN.finditer(text):
        end = _end_of(hit[0], iban_length(hit[0][:2]))
        if end and is_iban(_SEPARATOR.sub("", hit[0][:end])):
            yield Finding(
                "iban", hit.start(), hit.start() + end, "an IBAN: length and check digits agree", 0.99
            )


def _end_of(text: str, size: int) -> int:
    """Where the first ``size`` letters and digits end; 0 when there are fewer, or the last is inside a word."""
    seen = 0
    for place, char in enumerate(text):
        seen += char.isalnum()
        if size and seen == size:
            return place + 1 if not text[place + 1 : place + 2].isalnum() else 0
    return 0


_STATE_NUMBERS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool], float], ...] = (
    (
        "a US social security number",
        re.compile(r"(?<![\w-])\d{3}([ \-])\d{2}\1\d{4}(?![\w-])"),
        is_us_ssn,
        0.85,
    ),
    (
        "a US social security number",
        re.compile(
            r"(?i:\b(?:ssn|social security(?: (?:number|no\.?))?)\b)[^\w\n]{0,4}(?i:is )?(?P<id>\d{9})\b"
        ),
        is_us_ssn,
        0.95,
    ),
    (
        "a UK National Insurance number",
        re.compile(r"(?<!\w)[A-Za-z]{2}[ ]?\d{2}[ ]?\d{2}[ ]?\d{2}[ ]?[A-Da-d](?!\w)"),
        is_uk_nino,
        0.9,
    ),
    (
        "a Spanish DNI or NIE",
        re.compile(r"(?<![\w-])(?:\d{8}|[XYZxyz]-?\d{7})-?[A-Za-z](?!\w)"),
        is_spanish_id,
        0.9,
    ),
    (
        "a French social security number",
        re.compile(r"(?<!\w)[12][ ]?\d{2}[ ]?(?:0[1-9]|1[0-2])[ ]?\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{2}(?!\w)"),
        is_french_nir,
        0.95,
    ),
    ("a Brazilian CPF", re.compile(r"(?<!\w)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\w)"), is_brazilian_cpf, 0.98),
    (
        "an Aadhaar number",
        re.compile(r"(?<![\w-])[2-9]\d{3}[ \-]\d{4}[ \-]\d{4}(?![\w-]|[ ]\d{4})"),
        passes_verhoeff,
        0.85,
    ),
    (
        "an identity document's number",
        re.compile(
            r"(?i:\b(?:passport|driver'?s? licen[cs]e|national id|id card|personalausweis|reisepass|pasaporte|passeport)"
            r"(?: (?:number|no\.?|nr\.?|#))?)[^\w\n]{0,4}(?i:is )?(?P<id>(?=[A-Z0-9]*\d{4})[A-Z0-9]{6,12})\b"
        ),
        lambda _: True,
        0.8,
    ),
)


def find_national_ids(text: str) -> Iterator[Finding]:
    """Numbers that a state gives to a person, each by its own form and check."""
    if _DIGIT.search(text) is None:
        return
    for reason, pattern, check, certainty in _STATE_NUMBERS:
        for hit in pattern.finditer(text):
            span = hit.span("id") if "id" in pattern.groupindex else hit.span()
            if check(_SEPARATOR.sub("", text[slice(*span)])):
                yield Finding("national_id", *span, reason, certainty)
