"""Deeds in words, for templates."""

from django import template

register = template.Library()
_DEEDS = {
    "hide": ("Hide", "Hidden"),
    "unhide": ("Show again", "Shown again"),
    "report": ("Report", "Reported"),
}


@register.filter
def plan_words(kind: str) -> str:
    """What a deed is to do, as on its button."""
    return _DEEDS.get(kind, (kind, kind))[0]


@register.filter
def done_words(kind: str) -> str:
    """What a deed did, on the network."""
    return f"{_DEEDS.get(kind, (kind, kind))[1]} on the network"
