"""What somebody with a role does, in a line, where roles are chosen."""

from townhall.web.pages.words import register

_WORDS = {
    "agent": "reads and answers customers",
    "lead": "answers, approves, routes, sets targets",
    "compliance": "approves, puts policies in force, reads the record",
    "security": "reads the record, hides posts, releases stops",
    "analyst": "reads figures and the record, teaches models",
    "executive": "reads the live page and routing, sets targets, can stop sending",
    "admin": "runs the brand: people, channels, policies, systems",
}


@register.filter
def role_words(role: str) -> str:
    """What somebody with that role does."""
    return _WORDS.get(role, "")
