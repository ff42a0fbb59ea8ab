"""Single keys: what they are as they come, and a person's own in their place."""

from collections.abc import Mapping

KEYS: dict[str, str] = {
    "j": "Next row",
    "k": "Row before; in a conversation: articles that answer it",
    "x": "Select a row; return a held reply",
    "X": "Select from the last row to this one",
    "N": "Next case",
    "a": "Take",
    "z": "Snooze",
    "e": "Done",
    "i": "Gather under an incident",
    "w": "Why it was judged so; live page: last week",
    "r": "Reply in public",
    "p": "Reply in private",
    "n": "Note",
    "m": "Stored answers",
    "t": "Translate the message that matters, or the one in focus",
    "y": "Approve",
    "d": "Give an approval to somebody else; live page: last day",
    "h": "I am here; live page: last hour",
    "v": "Whole thread of a held reply",
    "c": "Copy the live page as text",
    "g": "Go to a place",
    "/": "Search",
    "?": "List of keys",
}
"""Key → what it does. ``1`` to ``7`` open figures and stay as they are."""


def own_keys(given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """What differs from the usual, by usual key; and why it cannot be ("" when it can).

    Each key is one visible character, and no two acts share one: digits open figures, so they are not free.
    """
    chosen = {key: (given.get(key) or key).strip() for key in KEYS}
    for key, own in chosen.items():
        if len(own) != 1 or not own.isprintable() or own.isdigit():
            return {}, f"{KEYS[key]}: “{own}” is no single key. Write one letter or sign."
    if len(set(chosen.values())) < len(chosen):
        twice = next(own for own in chosen.values() if list(chosen.values()).count(own) > 1)
        names = " and ".join(KEYS[key].lower() for key, own in chosen.items() if own == twice)
        return {}, f"“{twice}” cannot mean two things: {names}."
    return {key: own for key, own in chosen.items() if own != key}, ""
