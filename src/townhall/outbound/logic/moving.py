"""From public to private: the polite line that says so in public, before the private message."""

import re
from collections.abc import Sequence

from msgspec import Struct

USUAL = {
    "en": "Thank you for writing, {name}. So that nothing personal stands here in public, we go on in a private message. {link}",
    "de": "Danke für die Nachricht, {name}. Damit hier nichts Persönliches öffentlich steht, schreiben wir privat weiter. {link}",
    "fr": "Merci pour votre message, {name}. Pour que rien de personnel ne reste public, nous continuons en message privé. {link}",
    "es": "Gracias por escribirnos, {name}. Para que nada personal quede en público, seguimos por mensaje privado. {link}",
    "it": "Grazie per averci scritto, {name}. Perché nulla di personale resti in pubblico, continuiamo in privato. {link}",
    "nl": "Bedankt voor uw bericht, {name}. Zodat hier niets persoonlijks openbaar staat, gaan we verder in een privébericht. {link}",
}
"""What every brand begins with, by language; a stored answer with this purpose takes its place."""

_SLOT = re.compile(r"(?P<before>[\s,]*)\{(?P<name>name|link)\}")


class Line(Struct, frozen=True):
    """A stored answer that asks to go on in private. ``language`` "" is for every language without one of its own."""

    text: str
    language: str = ""


def polite_line(stored: Sequence[Line], language: str, first_name: str, link: str) -> str:
    """The line for a thread in ``language``. ``link`` is where the customer writes to us ("": the network has none).

    The brand's line in that language, else its line for every language, else the usual one in that language, else in
    English. A slot for which nothing is known goes together with the comma and space before it.
    """
    own = {line.language.casefold().split("-")[0]: line.text for line in stored}
    wanted = language.casefold().split("-")[0]
    text = own.get(wanted) or own.get("") or USUAL.get(wanted) or USUAL["en"]
    known = {"name": first_name.strip(), "link": link}

    def fill(slot: re.Match[str]) -> str:
        value = known[slot["name"]]
        return slot["before"] + value if value else ""

    return _SLOT.sub(fill, text).strip()


def why_not_move(thread_private: bool, can_message: bool, by_hand: str) -> str:
    """Why a thread cannot be moved to private messages ("" when it can)."""
    if thread_private:
        return "This conversation is private already."
    if not can_message and not by_hand:
        return "This network has no private messages."
    return ""
