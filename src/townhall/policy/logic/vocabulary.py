"""What the names and values of a context are called in a sentence. A field without an entry is called after its name."""

from decimal import Decimal

IS: dict[str, tuple[str, str]] = {
    "post.question": ("the post is a question", "the post is not a question"),
    "post.has_media": ("the post has a picture, video or sound", "the post has no picture, video or sound"),
    "post.is_reply": ("the post answers another", "the post answers no other"),
    "author.known": ("the author wrote here before", "the author never wrote here before"),
    "history.answered_before": ("we answered the author before", "we never answered the author before"),
    "thread.ours_last": ("the last word in the thread is ours", "the last word in the thread is not ours"),
    "now.open": ("we are open", "we are closed"),
}
"""Yes-or-no fields: as a statement, and denied."""

NOUNS: dict[str, str] = {
    "post.text": "the text",
    "post.language": "the language",
    "post.question_p": "the certainty of a question",
    "post.intent": "the intent",
    "post.sentiment": "the feeling",
    "post.sentiment_p": "the certainty of the feeling",
    "post.intent_p": "the certainty of the intent",
    "post.complaint_p": "the likelihood of a complaint",
    "post.abuse_p": "the likelihood of abuse",
    "post.spam_p": "the likelihood of spam",
    "post.urgent_p": "the likelihood of urgency",
    "post.link_risk": "the risk of its links",
    "post.near_copies": "the number of near copies by others",
    "post.signs": "the signs in the post",
    "author.imitates_p": "the likelihood that the author passes for us",
    "post.length": "the number of characters",
    "post.findings": "the findings in the text",
    "post.visibility": "the visibility",
    "author.handle": "the author's handle",
    "author.posts": "the number of the author's earlier posts",
    "author.cases": "the number of the author's cases so far",
    "author.cases_open": "the number of the author's open cases",
    "author.tier": "the author's tier",
    "author.followers": "the number of the author's followers",
    "thread.posts": "the number of earlier posts in the thread",
    "channel.kind": "the channel",
    "channel.account": "our account",
    "brand.slug": "the brand",
    "now.hour": "the hour",
    "now.weekday": "the weekday",
}
"""Other fields, as a noun."""

EFFECTS: dict[str, str] = {
    "escalate": "escalate it",
    "hide": "hide it and say nothing",
    "report": "report it to the network and say nothing",
    "no_answer": "do not answer",
    "answer_private": "answer, and go on in private",
    "answer": "answer in public",
    "route": "route it to a person, who decides",
    "acknowledge": "acknowledge it, without a clock",
}

COMPARISONS: dict[str, str] = {
    "==": "is", "!=": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
}  # fmt: skip
_TEXT_ORDER = {"<": "sorts before", "<=": "sorts before or is", ">": "sorts after", ">=": "sorts after or is"}
_RANKED = {
    "==": "is {}", "!=": "is not {}", "<": "is worse than {}", "<=": "is {} or worse", ">": "is better than {}",
    ">=": "is {} or better",
}  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATED = {
    "==": "it is {}", "!=": "it is not {}", "<": "it is before {} in the week", "<=": "it is {} or earlier in the week",
    ">": "it is after {} in the week", ">=": "it is {} or later in the week",
}  # fmt: skip
_TIMED = {
    "==": "it is between {:02}:00 and {:02}:59", "!=": "it is not between {:02}:00 and {:02}:59",
    "<": "it is before {:02}:00", "<=": "it is {:02}:59 or earlier", ">": "it is later than {:02}:59",
    ">=": "it is {:02}:00 or later",
}  # fmt: skip
_FEELINGS = {-1: "negative", 0: "neutral", 1: "positive"}


def statement(path: str, denied: bool) -> str:
    """A yes-or-no field as a statement."""
    if path in IS:
        return IS[path][denied]
    owner, _, name = path.partition(".")
    return f"the {owner} {'is not' if denied else 'is'} {_spaced(name)}"


def noun(path: str) -> str:
    """A field's value as a noun."""
    owner, _, name = path.partition(".")
    return NOUNS.get(path) or f"the {owner}'s {_spaced(name)}"


def special(path: str, op: str, value: object) -> str:
    """A comparison of a field with a written-out value that has words of its own, "" when it has none."""
    if path == "post.sentiment" and value in _FEELINGS and isinstance(value, int):
        return f"the feeling {_RANKED[op].format(_FEELINGS[value])}"
    if path == "now.weekday" and isinstance(value, int) and 0 <= value < len(_DAYS):
        return _DATED[op].format(_DAYS[value])
    if path == "now.hour" and isinstance(value, int) and 0 <= value < 24:
        return _TIMED[op].format(value, value)
    if path.endswith("_p") and isinstance(value, float):
        return f"{noun(path)} {COMPARISONS[op]} {percent(value)}"
    return ""


def compared(op: str, type_: str) -> str:
    """The words of a comparison between values of that type."""
    return _TEXT_ORDER.get(op, COMPARISONS[op]) if type_ == "string" else COMPARISONS[op]


def percent(value: float) -> str:
    """A share as percent, exactly as it was written."""
    return f"{(Decimal(repr(value)) * 100).normalize():f} %"


def quoted(text: str) -> str:
    """A text in quotes that cannot be taken for our own words."""
    return f"“{''.join(chr(92) + char if char in chr(92) + '“”' else _seen(char) for char in text)}”"


def pattern(source: str) -> str:
    """A pattern as it was written, in marks of its own."""
    return f"«{''.join(chr(92) + char if char in '«»' else _seen(char) for char in source)}»"


def _seen(char: str) -> str:
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
