# ruff: noqa: SIM905 (a table of pairs reads better as prose)
"""Check digits: whether a run of digits or letters can be what it looks like.

Sources: ISO/IEC 7812 (Luhn, issuer ranges), ISO 13616 and ISO 7064 (IBAN, mod 97-10), SSA's and HMRC's
rules for numbers they never issue, Orden INT/2058/2008 (DNI), INSEE (NIR), Receita Federal (CPF),
UIDAI (Verhoeff).
"""

import re
from functools import lru_cache

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def passes_luhn(digits: str) -> bool:
    """Whether the last of these ASCII digits is the Luhn check digit of the others."""
    odd = sum(map(int, digits[-1::-2]))
    even = sum(_DOUBLED[int(d)] for d in digits[-2::-2])
    return (odd + even) % 10 == 0


_ISSUERS: tuple[tuple[int, int, int, frozenset[int]], ...] = (
    # first prefix, last prefix, digits of the prefix, lengths of the whole number
    (4, 4, 1, frozenset({13, 16, 19})),  # Visa
    (51, 55, 2, frozenset({16})),  # Mastercard
    (2221, 2720, 4, frozenset({16})),  # Mastercard, second series
    (34, 34, 2, frozenset({15})),  # American Express
    (37, 37, 2, frozenset({15})),
    (300, 305, 3, frozenset(range(14, 20))),  # Diners Club
    (36, 36, 2, frozenset(range(14, 20))),
    (38, 39, 2, frozenset(range(14, 20))),
    (6011, 6011, 4, frozenset(range(16, 20))),  # Discover
    (644, 649, 3, frozenset(range(16, 20))),
    (65, 65, 2, frozenset(range(16, 20))),
    (62, 62, 2, frozenset(range(16, 20))),  # UnionPay
    (35, 35, 2, frozenset(range(16, 20))),  # JCB (3528 to 3589 today)
    (2200, 2204, 4, frozenset(range(16, 20))),  # Mir
    (1800, 1800, 4, frozenset({15})),  # JCB, first series
    (2131, 2131, 4, frozenset({15})),
    (5018, 5018, 4, frozenset(range(12, 20))),  # Maestro
    (5020, 5020, 4, frozenset(range(12, 20))),
    (5038, 5038, 4, frozenset(range(12, 20))),
    (5893, 5893, 4, frozenset(range(12, 20))),
    (6304, 6304, 4, frozenset(range(12, 20))),
    (6759, 6763, 4, frozenset(range(12, 20))),
    (508, 508, 3, frozenset({16})),  # RuPay
    (60, 60, 2, frozenset({16})),
    (9792, 9792, 4, frozenset({16})),  # Troy
)


@lru_cache(maxsize=10_000)
def lengths_of_issuer(prefix: str) -> frozenset[int]:
    """How long the numbers are that card schemes issue with these first four digits; empty for none."""
    return frozenset().union(
        *(sizes for low, high, width, sizes in _ISSUERS if low <= int(prefix[:width]) <= high)
    )


def is_card(digits: str) -> bool:
    """Whether these 12 to 19 ASCII digits can be a payment card's number."""
    return len(digits) in lengths_of_issuer(digits[:4]) and passes_luhn(digits)


_IBAN_LENGTHS = dict(
    item.split(":")
    for item in (
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18 "
        "DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 "
        "IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 "
        "MR:27 MT:31 MU:30 NL:18 NO:15 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SD:18 SE:24 SI:19 "
        "SK:24 SM:27 ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
    ).split()
)


def iban_length(country: str) -> int:
    """The length of that country's IBANs; 0 when it has none."""
    return int(_IBAN_LENGTHS.get(country.upper(), "0"))


def is_iban(compact: str) -> bool:
    """Whether these letters and digits (no spaces) are an IBAN: the country's length and mod 97."""
    if len(compact) != iban_length(compact[:2]) or not compact.isascii() or not compact.isalnum():
        return False
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def is_us_ssn(digits: str) -> bool:
    """Whether nine digits can be a US social security number (area, group and serial never zero)."""
    area, group, serial = int(digits[:3]), digits[3:5], digits[5:]
    if digits in ("123456789", "078051120") or len(set(digits)) == 1:
        return False
    return area not in (0, 666) and area < 900 and group != "00" and serial != "0000"


_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", re.ASCII)


def is_uk_nino(compact: str) -> bool:
    """Whether these nine characters can be a UK National Insurance number."""
    return _NINO.fullmatch(compact.upper()) is not None


def is_spanish_id(compact: str) -> bool:
    """Whether eight digits and a letter (DNI), or X/Y/Z, seven digits and a letter (NIE), agree."""
    upper = compact.upper()
    number = str("XYZ".find(upper[0])) + upper[1:-1] if upper[0] in "XYZ" else upper[:-1]
    return number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == upper[-1]


def is_french_nir(digits: str) -> bool:
    """Whether fifteen digits are a French social security number (key: 97 minus the rest of 97)."""
    return digits[0] in "12" and 97 - int(digits[:13]) % 97 == int(digits[13:])


def is_brazilian_cpf(digits: str) -> bool:
    """Whether eleven digits are a Brazilian CPF (two check digits, mod 11)."""
    if len(set(digits)) == 1:
        return False
    for size in (9, 10):
        total = sum(int(d) * (size + 1 - i) for i, d in enumerate(digits[:size]))
        if total * 10 % 11 % 10 != int(digits[size]):
            return False
    return True


_TURNS = ((1, 5, 7, 6, 2, 8, 3, 0, 9, 4),)


def _permutations() -> tuple[tuple[int, ...], ...]:
    rows: list[tuple[int, ...]] = [tuple(range(10)), _TURNS[0]]
    while len(rows) < 8:
        rows.append(tuple(rows[-1][_TURNS[0][d]] for d in range(10)))
    return tuple(rows)


def _dihedral(a: int, b: int) -> int:
    if a < 5:
        return (a + b) % 5 if b < 5 else (a + b) % 5 + 5
    return (a - b) % 5 + 5 if b < 5 else (a - b) % 5


_PERMUTED = _permutations()


def passes_verhoeff(digits: str) -> bool:
    """Whether the last digit is the Verhoeff check digit of the others (as in Aadhaar numbers)."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = _dihedral(check, _PERMUTED[place % 8][int(digit)])
    return check == 0
