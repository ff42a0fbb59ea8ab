"""The one way that pages show a moment: short words to glance at, and the whole moment for whoever asks.

By mouse it is the title; by keyboard or finger the short words become the whole ones while they have the focus; a
screen reader hears the whole ones only.
"""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from townhall.kernel.clock import Instant, to_iso
from townhall.web.pages.words import ago, brief, local, moment

register = template.Library()


@register.simple_tag(takes_context=True)
def when(context: Any, instant: Instant, form: str = "ago", *, within: bool = False) -> SafeString:
    """A ``time`` element. ``form``: ``ago``, ``brief``, ``day`` or ``full``; ``within`` something that has the focus
    itself (a link, a row, a summary) it is no stop of its own. What is frozen names moments, for its now is over."""
    if not instant:
        return mark_safe("–")
    zone, now = context.get("zone", "UTC"), context.get("now", 0)
    whole = moment(instant, zone)
    form = "brief" if form == "ago" and context.get("frozen") else form
    short = {
        "ago": lambda: ago(instant, now, zone),
        "brief": lambda: brief(instant, zone, now),
        "full": lambda: whole,
        "day": lambda: f"{local(instant, zone):%a %-d %b %Y}",
    }[form]()
    if short == whole:
        return format_html('<time datetime="{}">{}</time>', to_iso(instant), whole)
    stop = "" if within else mark_safe(' tabindex="0"')
    return format_html(
        '<time datetime="{}" title="{}"{}><span class="short" aria-hidden="true">{}</span><span class="whole">{}</span></time>',
        to_iso(instant), whole, stop, short, whole,
    )  # fmt: skip
