"""The steps of an answer's way in words, as pages say them."""

from townhall.web.pages.words import register

_WORDS = {
    "written": "written by",
    "reworded": "reworded by",
    "approved": "approved by",
    "unapproved": "no approval was needed",
    "held": "waits for approval",
    "returned": "returned",
    "withdrawn": "taken back",
    "expired": "nobody decided in time",
    "waiting": "goes out",
    "again": "not taken yet, goes again",
    "attempting": "on its way since",
    "unclear": "not known yet, the channel is being read back",
    "accepted": "accepted by the network",
    "seen": "seen there by reading the channel",
    "read_back": "seen there by reading back",
    "looked": "found there by",
    "not_seen": "not yet seen there by reading the channel",
    "doubtful": "in doubt since",
    "overdue": "its time passed",
    "failed": "not sent",
}


@register.filter
def way_step(kind: str) -> str:
    """What that step was."""
    return _WORDS[kind]
