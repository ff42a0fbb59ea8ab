"""What an article of a brand's own help is: its title, where it stands, what it says, in which language."""

import re
from urllib.parse import urlsplit

from msgspec import Struct

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
LONGEST_URL = 500
"""Characters."""
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_ODD = re.compile(r"[\s<>\"'\\\x00-\x1f\x7f]")


class Entry(Struct, frozen=True):
    """One article as somebody gives it. ``language`` is ISO 639-1, "" where it is to be read from the words."""

    title: str
    url: str
    text: str
    language: str = ""


class Wrong(Struct, frozen=True):
    """Why something is no article: the field, and what to do, in words for whoever wrote it."""

    field: str
    why: str


def entry_of(title: str, url: str, text: str, language: str = "") -> Entry | Wrong:
    """The article that these words make, spaces at the ends and doubled in the title left out, or why there is none."""
    title, url, text = " ".join(title.split()), url.strip(), text.replace("\r\n", "\n").strip()
    if not 1 <= len(title) <= LONGEST_TITLE:
        return Wrong("title", f"The title has 1 to {LONGEST_TITLE} characters, not {len(title)}.")
    if len(text) > LONGEST_TEXT:
        return Wrong("text", f"The text has at most {LONGEST_TEXT:,} characters, not {len(text):,}.")
    if "\x00" in title + text:
        return Wrong("text", "The words hold a character that cannot be kept (NUL).")
    if why := why_no_address(url):
        return Wrong("url", why)
    tongue = _LANGUAGE.fullmatch(language.strip()) if language.strip() else None
    if language.strip() and tongue is None:
        return Wrong("language", "The language is a code such as en or de.")
    return Entry(title, url, text, tongue[1].lower() if tongue else "")


def why_no_address(url: str) -> str:
    """Why customers cannot be sent to this address; "" when they can: https, a host, no name or password in it."""
    if not url.startswith("https://"):
        return "The address begins with https://."
    if len(url) > LONGEST_URL:
        return f"The address has at most {LONGEST_URL} characters."
    if _ODD.search(url) or not url.isprintable():
        return "The address holds a space, a quote or another sign that none may hold."
    try:
        parts = urlsplit(url)
        host, named = parts.hostname or "", parts.username or parts.password
        _ = parts.port
    except ValueError:
        return "That is no address."
    if named:
        return "The address holds a name or a password. Leave it out."
    return "" if "." in host.strip(".") else "The address names no host such as help.example.org."
