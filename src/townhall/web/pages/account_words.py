"""How an account of ours does, in the words and the colour that every page uses."""

from townhall.desk.channels import ChannelLine
from townhall.desk.views import ChannelHealth
from townhall.intake.health import NETWORKS
from townhall.web.pages.words import register

_WORDS = {
    "new": "waits to be read",
    "ok": "receiving",
    "behind": "behind",
    "no_token": "has no valid token",
    "limited": "at its network's limit",
    "failing": "does not answer",
    "paused": "paused",
}
_TONES = {
    "ok": "good",
    "no_token": "missed",
    "failing": "missed",
    "behind": "soon",
    "limited": "soon",
    "paused": "soon",
}


@register.filter
def account_words(one: ChannelLine | ChannelHealth) -> str:
    """How the account does."""
    if one.channel == "activitystreams":
        return "imported"
    if not one.connected:
        return "not connected"
    if one.state == "new" and one.channel not in NETWORKS:
        return "waits for a delivery"
    return _WORDS[one.state]


@register.filter
def account_can(one: ChannelLine) -> str:
    """What it does without anybody's hand."""
    reads, sends = (one.connected and on for on in (one.reading, one.sending))
    return f"{'reads' if reads else 'does not read'}, {'sends' if sends else 'does not send'}"


@register.filter
def account_gapless(one: ChannelLine) -> str:
    """What it means that no gap of the account is known."""
    if one.channel not in NETWORKS:
        return "None is known: nothing is fetched here."
    return "None: it was read without a break." if one.read_at else "None is known: it has not been read yet."


@register.filter
def account_tone(one: ChannelLine | ChannelHealth) -> str:
    """``good``, ``soon`` or ``missed``; "" while nothing is known, and where nothing can go wrong."""
    return _TONES.get(one.state, "") if one.connected else ""
