"""How pages put things into words: moments with their zone, clocks as shape and text, counts, initials."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from townhall.channels import CHANNELS
from townhall.desk.views import ClockView
from townhall.kernel.clock import DAY, HOUR, MINUTE, SECOND, Instant, to_datetime
from townhall.web.pages import texts
from townhall.web.pages.icons import ICONS

register = template.Library()
WORDLESS = "Without words, or deleted"
"""What stands in a list where a post has no words to show."""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def local(instant: Instant, zone: str) -> datetime:
    """An instant in a zone."""
    return to_datetime(instant).astimezone(_zone(zone))


def moment(instant: Instant, zone: str) -> str:
    """A moment in full, with its zone: ``Tue 3 Mar 2026, 14:05 GMT``."""
    at = local(instant, zone)
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M %Z}"


def brief(instant: Instant, zone: str, now: Instant) -> str:
    """A moment in short: the hour today, the weekday within a week, else the date."""
    at, today = local(instant, zone), local(now, zone)
    days = (at.date() - today.date()).days
    if days == 0:
        return f"{at:%H:%M}"
    if -1 <= days <= 6:
        return f"{at:%a %H:%M}"
    return f"{at.day} {at:%b}" + ("" if at.year == today.year else f" {at.year}")


@register.filter
def wordless(text: str) -> str:
    """The text, or that there is none to show."""
    return text or WORDLESS


@register.filter
def shortened(text: str, most: int) -> str:
    """A text in at most ``most`` characters, cut between words where it has any, and then ending in ``…``."""
    if len(text) <= most:
        return text
    start = text[: most - 1]
    return (start.rsplit(None, 1)[0] if len(start.split()) > 1 else start).rstrip(" ,;:.") + "…"


def span(length: Instant) -> str:
    """A length of time in at most two units: ``9 min``, ``3 h 10``, ``2 d 4 h``."""
    length = abs(length)
    if length < MINUTE:
        return f"{length // SECOND} s"
    if length < HOUR:
        return f"{length // MINUTE} min"
    if length < 2 * DAY:
        hours, rest = divmod(length, HOUR)
        return f"{hours} h {rest // MINUTE:02d}" if rest >= MINUTE else f"{hours} h"
    days, rest = divmod(length, DAY)
    return f"{days} d {rest // HOUR} h" if rest >= HOUR else f"{days} d"


def ago(instant: Instant, now: Instant, zone: str) -> str:
    """Relative within a day, absolute before: ``3 min ago``."""
    past = now - instant
    if past < MINUTE:
        return "just now"
    return f"{span(past)} ago" if past < DAY else brief(instant, zone, now)


def clock_words(clock: ClockView, zone: str, now: Instant) -> str:
    """The text of a clock. It names a moment, not only a length."""
    due = brief(clock.due_at, zone, now) if clock.due_at else ""
    waits = f" · {clock.waits_for}" if clock.waits_for else ""
    match clock.state:
        case "soon":
            return f"{due} · {clock.minutes} min"
        case "missed":
            return missed_words(clock.due_at, due, now)
        case "paused":
            return f"paused{waits}"
        case "approval":
            waited = span(now - clock.since) if clock.since and now - clock.since >= MINUTE else ""
            return f"{due} · held {waited}".rstrip()
        case "met":
            return f"met {brief(clock.met_at or clock.due_at, zone, now)}"
        case "none":
            return "no promise"
        case _:
            return due


def missed_words(due_at: Instant, due: str, now: Instant) -> str:
    """When it fell due, and within an hour how long ago that is."""
    late = max(now - due_at, 0)
    return f"missed {due} · {span(late)} ago" if late < HOUR else f"missed {due}"


_SHAPES = {
    "soon": '<circle class="ring" cx="8" cy="8" r="6"/><path class="solid" d="M8 8V1.5A6.5 6.5 0 0 0 1.5 8z"/>'
    '<circle class="line" cx="8" cy="8" r="6.5"/>',
    "missed": '<rect class="solid" x="1" y="1" width="14" height="14" rx="2"/><path class="cut-out" d="M4 8h8"/>',
    "paused": '<path class="line" d="M5 3v10M11 3v10"/>',
    "approval": f'<g class="line">{ICONS["hand"]}</g>',
    "met": '<path class="line" d="M2.5 8.5l3.5 3.5 7.5-8"/>',
    "none": '<path class="line" d="M4 8h8"/>',
}


def _shape(clock: ClockView) -> SafeString:
    if clock.state != "running":
        return mark_safe(_SHAPES[clock.state])  # noqa: S308  a constant of ours
    left = max(0, min(100, round(clock.share_left * 100)))
    return format_html(
        '<circle class="ring" cx="8" cy="8" r="6"/><circle class="left" cx="8" cy="8" r="6" pathLength="100"'
        ' stroke-dasharray="{} 100" transform="rotate(-90 8 8)"/>',
        left,
    )


@register.simple_tag(takes_context=True)
def clock(context: Any, view: ClockView) -> SafeString:
    """A promise as shape and text; scripts keep the text true by ``data-due``."""
    zone, now = context.get("zone", "UTC"), context.get("now", 0)
    full = moment(view.due_at, zone) if view.due_at else ""
    return format_html(
        '<span class="clock {}" data-state="{}" data-due="{}" title="{}"><svg viewBox="0 0 16 16" aria-hidden="true">{}'
        '</svg><span class="says">{}</span></span>',
        view.state, view.state, view.due_at // 1000, full, _shape(view), clock_words(view, zone, now),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def second(context: Any, instant: Instant) -> str:
    """The time of day to the second, with the zone."""
    at = local(instant, context.get("zone", "UTC"))
    return f"{at:%H:%M:%S %Z}"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawn sign; without a label it is decoration."""
    said = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html('<svg class="icon" viewBox="0 0 16 16"{}>{}</svg>', said, mark_safe(ICONS[name]))  # noqa: S308


@register.filter
def allowed(act: str, asker: Any) -> bool:
    """Whether the reader may do that here: what they may not is not offered."""
    return bool(asker and asker.may(act))


@register.filter
def tells_around(channel: str) -> bool:
    """Whether that network says, for nothing, what others said in a thread."""
    return bool(CHANNELS[channel].around)


@register.filter
def milliseconds(instant: Instant) -> int:
    """An instant as scripts count: milliseconds since 1970."""
    return int(instant) // 1000


@register.filter
def lasting(length: Instant) -> str:
    """A length of time (microseconds) in words."""
    return span(int(length)) if length else "–"


@register.filter
def seconds(length: float) -> str:
    """A length of time in seconds, in words."""
    return span(int(length * SECOND))


@register.filter
def initials(name: str) -> str:
    """At most two letters."""
    parts = [part for part in name.replace("@", " ").split() if part[:1].isalnum()]
    letters = (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")) if parts else "?"
    return letters.upper()


@register.filter
def count(number: Any) -> str:
    """A whole number with thin groups of thousands."""
    return f"{int(number):,}"


@register.filter
def capped(group: Any) -> str:
    """A head's count; beyond the bound it says so."""
    return f"{group.count:,}+" if group.more else f"{group.count:,}"


@register.filter
def before_at(handle: str) -> str:
    """The part of a handle that people say."""
    return handle.lstrip("@").partition("@")[0] or handle


@register.filter
def middle(text: str, longest: int = 24) -> str:
    """An id or handle cut in its middle."""
    if len(text) <= longest:
        return text
    keep = (longest - 1) // 2
    return f"{text[:keep]}…{text[-keep:]}"


@register.filter
def figure(value: float | None) -> str:
    """At most three significant digits, counts in full; a dash when there is nothing to measure."""
    if value is None:
        return "–"
    if float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    shown = f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
    return shown.rstrip("0").rstrip(".")


@register.filter
def hits(text: str, spans: Any) -> SafeString:
    """The text with the spans (code points) marked."""
    parts, at = [], 0
    for start, end in sorted(spans or ()):
        if start < at:
            continue
        parts += [("", text[at:start], ""), (mark_safe("<mark>"), text[start:end], mark_safe("</mark>"))]
        at = end
    return format_html_join("", "{}{}{}", [*parts, ("", text[at:], "")])


@register.filter
def spoken(row: Any) -> SafeString:
    """A row's snippet from where the customer begins to speak, with the hits of the filter marked."""
    return hits(*texts.spoken(row.snippet or WORDLESS, row.hits))


@register.filter
def network(channel: str) -> str:
    """A channel's name as people say it."""
    return {"x": "X", "mastodon": "Mastodon", "activitystreams": "File", "webhook": "Webhook"}.get(
        channel, channel.replace("_", " ").capitalize()
    )


@register.filter
def plainly(word: str) -> str:
    """An internal word as it is read aloud: underscores become spaces, the first letter is a capital."""
    spaced = word.replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


@register.filter
def dollars(micro: int) -> str:
    """Millionths of a US dollar as dollars and cents."""
    return f"{micro / 1_000_000:,.2f}"


@register.filter
def marked(item: Any) -> SafeString:
    """A held text with what the guard noticed underlined."""
    return texts.marked(item.text, [one for one in item.findings if not one.picture])


@register.filter
def marked_alt(item: Any, picture: int) -> SafeString:
    """What a held picture (counted from 1) shows in words, with what the guard noticed underlined."""
    found = [one for one in item.findings if one.picture == picture]
    return texts.marked(item.pictures[picture - 1].alt, found)


@register.filter
def difference(item: Any) -> SafeString:
    """What changed in a held text from the earlier one."""
    return texts.difference(item.diff_base, item.text)
