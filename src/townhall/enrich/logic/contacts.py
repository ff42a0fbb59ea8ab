"""Ways to reach a person in free text: e-mail, phone, postal address, IP address, and dates of birth."""

import ipaddress
import re
from collections.abc import Iterator

from townhall.kernel.finding import Finding

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_PHONE = re.compile(
    r"(?<![\w@#/.+-])(?<!\d[ ])(?:"
    r"(?P<world>(?:\+|00)[1-9](?:[ ().\-/]{0,3}\d){7,14}(?:[ ]?(?:x|ext\.?)[ ]?\d{1,5})?)"
    r"|(?P<nanp>(?:1[ .\-]?)?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ .\-])[2-9]\d{2}[ .\-]\d{4}(?:[ ]?(?:x|ext\.?)[ ]?\d{1,5})?)"
    r"|(?P<national>\(?0\d{1,4}\)?(?:[ .\-/]{1,2}\d{2,8}){1,5}|0[1-9]\d{8,9})"
    r")(?![\w%])"
)
_PHONE_AFTER = re.compile(
    r"(?i:(?<!\w)(?:phone|tel|telephone|mobile|cell|fax|whatsapp|handy|telefon|téléphone|teléfono|telefono|móvil|celular|"
    r"(?:call|text|ring|phone|reach)(?: (?:me|us|him|her|them))?(?: back)?(?: (?:on|at))?|answering at|messages? to|my number(?: is)?))"
    r"(?:[ ]?(?:number|no\.?|nr\.?|#|is))?[ ]?[:=]?\s{0,3}(?P<number>[+(]?\d(?:[ ().\-/]{0,2}\d){6,14})(?!\d|%|[.,]\d)"
)
_STREET = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|square|sq|terrace|close|"
    "crescent|parkway|pkwy|highway|hwy|circle|cir|trail|trl|row|mews|gardens|grove"
)
_NUMBER_AND_STREET = re.compile(
    rf"(?<![\w#@/$€£.,-])\d{{1,5}}[A-Za-z]?[ ](?:(?:N|S|E|W|North|South|East|West)\.?[ ])?(?:[A-Z][\w'’.-]{{1,24}}[ ]){{1,3}}(?i:{_STREET})\b\.?"
    r"(?:,?[ ](?i:apt|suite|ste|unit|flat|#)\.?[ ]?[\w-]{1,6})?"
)
_ADDRESS = (
    re.compile(
        r"\b[A-ZÄÖÜ][\w-]{2,24}(?:straße|strasse|str\.|weg|gasse|allee|platz|straat|laan|gatan|vägen|vej)[ ]\d{1,4}[a-z]?\b"
    ),
    re.compile(
        r"\b(?:(?i:\d{1,4}(?: ?bis| ?ter)?,? (?:rue|avenue|boulevard|chemin|impasse|allée))|"
        r"(?:Calle|Avenida|Av\.|Plaza|Via|Viale|Piazza|Corso|Rua|Travessa))[ ](?:de |del |della |di |la |las |los |du |des |da |do )?[\w'’-]{2,30}"
        r"(?:[ ][A-Z][\w'’-]{1,30}){0,3}(?:,?[ ]\d{1,4})\b"
    ),
    re.compile(r"(?i:\bP\.?[ ]?O\.?[ ]Box[ ]\d{1,6}\b)"),
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b"),
)
_BIRTH = re.compile(
    r"(?i:\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|birthday|born(?: on)?|geboren(?: am)?|geburtsdatum|né(?:e)? le|"
    r"date de naissance|fecha de nacimiento|nacid[oa] el|data de nascimento|data di nascita|nat[oa] il))"
    r"[^\w\n]{0,4}(?i:is |was |on |the )?(?P<date>\d{1,4}[./\- ]\d{1,2}[./\- ]\d{1,4}|\d{1,2}(?:st|nd|rd|th|\.)?[ ](?:of )?[^\W\d]{3,10}\.?,?[ ]\d{4}"
    r"|[^\W\d]{3,10}\.?[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ]\d{4})"
)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")


def find_emails(text: str) -> Iterator[Finding]:
    """E-mail addresses."""
    for hit in _EMAIL.finditer(text):
        yield Finding("email", hit.start(), hit.end(), "an e-mail address", 0.98)


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def find_phones(text: str) -> Iterator[Finding]:
    """Phone numbers: with a country code, in North American or national form, or after a word for phone."""
    for hit in _PHONE.finditer(text):
        count = _digits(hit[0])
        if (8 if hit["world"] else 9) <= count <= 15:
            yield Finding("phone", hit.start(), hit.end(), "a phone number", 0.9 if hit["world"] else 0.75)
    for hit in _PHONE_AFTER.finditer(text):
        yield Finding("phone", *hit.span("number"), "a number after a word for phone", 0.9)


def find_streets(text: str) -> Iterator[Finding]:
    """Postal addresses in the English order, number and street."""
    for hit in _NUMBER_AND_STREET.finditer(text):
        yield Finding("address", hit.start(), hit.end(), "a postal address", 0.7)


def find_addresses(text: str) -> Iterator[Finding]:
    """Postal addresses of other plain forms: street and number, box, British postcode."""
    for pattern in _ADDRESS:
        for hit in pattern.finditer(text):
            yield Finding("address", hit.start(), hit.end(), "a postal address", 0.7)


def find_birth_dates(text: str) -> Iterator[Finding]:
    """Dates that follow a word for birth."""
    for hit in _BIRTH.finditer(text):
        yield Finding("birth_date", *hit.span("date"), "a date after a word for birth", 0.9)


def find_ips(text: str) -> Iterator[Finding]:
    """IPv4 and IPv6 addresses. Versions such as 1.2.3 are not; ``::`` and loopback are nobody's."""
    for pattern in (_IPV4, _IPV6):
        for hit in pattern.finditer(text):
            if _is_address(hit[0]):
                yield Finding("ip", hit.start(), hit.end(), "an IP address", 0.85)


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.version == 6 and (text.count(":") < 3 or len(text) < 8):
        return False
    return not (address.is_loopback or address.is_unspecified)
