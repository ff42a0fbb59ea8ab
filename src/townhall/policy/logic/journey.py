"""The way of a policy version: which act may follow on which state, as a table, and why another may not.

::

    draft ── ask ──▸ in_review ── approve ──▸ reviewed ── activate ──▸ active ──▸ retired
      ▴                  │                       │  (now, or at a time)               │
      └──── return ──────┘                       │              active ◂── roll_back ─┘
      └──── change of the text (never active) ───┘

Whoever wrote the text never approves it. An approval is of exact bytes: it names their digest.
"""

from msgspec import Struct

STATES = ("draft", "in_review", "reviewed", "active", "retired", "discarded")

ACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "change": (("draft", "in_review", "reviewed"), "draft"),
    "ask": (("draft",), "in_review"),
    "approve": (("in_review",), "reviewed"),
    "return": (("in_review", "reviewed"), "draft"),
    "activate": (("reviewed",), "active"),
    "schedule": (("reviewed",), "reviewed"),
    "call_off": (("reviewed",), "reviewed"),
    "roll_back": (("retired",), "active"),
    "discard": (("draft", "in_review", "reviewed"), "discarded"),
}
"""Act → (states it may follow on, the state it leads to)."""

_STANDS: dict[str, str] = {
    "draft": "it is a draft. Ask for its review first",
    "in_review": "it waits for its review by another person",
    "reviewed": "it is reviewed. Activate it",
    "active": "it is in force. Write a new draft from it",
    "retired": "it was in force before. Roll back to it, or write a new draft from it",
    "discarded": "it was thrown away. Write a new draft from it",
}


class Reviewer(Struct, frozen=True):
    """Who would decide about a version: ``staff_id`` is 0 for a program; ``author_id`` is whoever answers for the text."""

    staff_id: int
    author_id: int


def why_not(act: str, state: str) -> str:
    """Why the act cannot follow on the state, "" when it can. What to do instead is in the words."""
    return "" if state in ACTS[act][0] else f"{_STANDS[state]}."


def why_not_decide(reviewer: Reviewer) -> str:
    """Why this one cannot decide about the version, "" when they can."""
    if not reviewer.staff_id:
        return "Only a person reviews a policy; a program cannot."
    if reviewer.staff_id == reviewer.author_id:
        return "You wrote this text, or your program did: another person has to review it."
    return ""
