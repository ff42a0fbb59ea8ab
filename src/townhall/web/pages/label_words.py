"""How pages speak of what is understood of a post, and what people say of it."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language_info

from townhall.desk.labels import Mark
from townhall.enrich.logic.enriched import UNDETERMINED, UNSURE
from townhall.enrich.logic.heads import feeling
from townhall.policy.logic.vocabulary import FEELINGS, SUBJECTS
from townhall.web.pages.words import plainly

register = template.Library()

_PHRASES = {
    "question": ("no question", "a question"),
    "complaint": ("no complaint", "a complaint"),
    "spam": ("no spam", "spam"),
    "abuse": ("not abusive", "abusive"),
    "urgent": ("not urgent", "urgent"),
}
TITLES = {
    "question": "Question",
    "complaint": "Complaint",
    "sentiment": "Feeling",
    "intent": "Subject",
    "spam": "Spam",
    "abuse": "Abusive",
    "urgent": "Urgent",
}
_VALUES = {"intent": SUBJECTS, "sentiment": {feeling(sign): said for sign, said in FEELINGS.items()}}
LANGUAGES = sorted(
    ((code, str(known["name"])) for code, known in LANG_INFO.items() if len(code) == 2 and "name" in known),
    key=lambda one: one[1],
)
"""Languages that somebody may read: (ISO 639-1, name), by name."""
_NOTHING = Mark()


@register.filter
def head_title(head: str) -> str:
    """What a head is called."""
    return TITLES.get(head, plainly(head))


@register.filter
def head_phrase(value: str, head: str) -> str:
    """A value as part of a sentence: ``a complaint``, ``unhappy``, ``a refund``."""
    if head in _PHRASES:
        return _PHRASES[head][value == "yes"] if value else "not known"
    if value == UNSURE:
        return "unsure"
    return _VALUES.get(head, {}).get(value) or (value or "not known").replace("_", " ")


@register.filter
def percent(chance: float) -> str:
    """A chance as people read it; nothing where it is not known."""
    return f"{chance * 100:.0f} %" if chance >= 0 else ""


@register.filter
def mark_of(marks: Mapping[int, Mark] | None, post: int) -> Mark:
    """What stands on a post."""
    return (marks or {}).get(post, _NOTHING)


@register.filter
def offer_of(offers: Mapping[int, Any] | None, post: int) -> Any:
    """The translation that is offered of a post (``None``: none)."""
    return (offers or {}).get(post)


@register.filter
def folds(post: Any, marks: Mapping[int, Mark] | None) -> bool:
    """Whether a post lies folded as abusive: by what people settled on, else by what was read."""
    said = mark_of(marks, post.id).settled.get("abuse")
    return said == "yes" if said else "abuse" in post.findings


@register.filter
def feeling_words(felt: str) -> str:
    """A feeling as a post is described by it."""
    return "of unsure feeling" if felt == UNSURE else head_phrase(felt, "sentiment")


@register.filter
def hundredth(share: float) -> str:
    """A share as percent with one digit, the unit left to the head of the column."""
    return f"{share * 100:.1f}"


@register.filter
def three(value: float) -> str:
    """Three digits behind the point."""
    return f"{value:.3f}"


@register.filter
def reason_parts(reason: str) -> tuple[str, str]:
    """A reason as its plain words and, behind the first colon, what a reader of formats said of it."""
    plain, _, detail = reason.partition(": ")
    return plain, detail


@register.filter
def of_key(found: Mapping[str, Any], key: str) -> Any:
    """What a mapping has under a key, nothing where it has none."""
    return found.get(key)


@register.filter
def tongue_or_unclear(code: str) -> str:
    """A post's language by its name, or that it is not clear."""
    return "Language unclear" if code in ("", UNDETERMINED) else tongue(code)


@register.filter
def tongue(code: str) -> str:
    """A language by its name: ``en`` is English. A code without a name stays as it is."""
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code
