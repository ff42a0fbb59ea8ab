"""How pages speak of what becomes of deleted posts."""

from django import template

from townhall.archive.logic import LONGEST, Gone
from townhall.people.doors import Asker
from townhall.web.pages.words import network

register = template.Library()

CHOICES = {
    "withhold": "Withhold it",
    "keep": "Keep showing it to those who may read the case",
}


@register.filter
def fate(gone: Gone, asker: Asker) -> str:
    """What becomes of one deleted post and why, in a sentence; for who cannot decide it, with who can."""
    if gone.exemption:
        word = "Shown" if gone.shown else "Withheld"
        return f"{word} by {gone.exemption.made_by}: {gone.exemption.reason.rstrip('.')}."
    if gone.shown:
        return (
            f"Kept because {gone.rule.basis.rstrip('.')}."
            if gone.rule
            else "Kept: nothing asks us to withhold it."
        )
    said = f"Withheld: {_why(gone)}."
    return said if asker.may("decide_deleted") else f"{said} Compliance may show it, with a reason."


def _why(gone: Gone) -> str:
    if gone.rule and gone.rule.basis:
        return gone.rule.basis.rstrip(".")
    return f"on {network(gone.channel)} we follow the author" if gone.follows else "the firm chose so"


@register.simple_tag
def longest_reason() -> int:
    """Characters that the reason for an exception has at most."""
    return LONGEST


@register.filter
def choice_words(choice: str) -> str:
    """A choice as it stands in a table."""
    return {"withhold": "Withheld", "keep": "Shown on"}.get(choice, choice)
