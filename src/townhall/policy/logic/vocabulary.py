"""What the names and values of a context are called in a sentence. A field without an entry is called after its name."""

from collections.abc import Callable
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
    "post.question_p": "the likelihood of a question",
    "post.intent": "the subject",
    "post.sentiment": "the feeling",
    "post.sentiment_p": "the likelihood of the feeling",
    "post.intent_p": "the likelihood of the subject",
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

WRITTEN = ("post.text", "author.handle")
"""Texts that people write, with capitals or without."""

LIKELY: dict[str, tuple[str, str]] = {
    "post.question_p": ("a question", "likely"),
    "post.sentiment_p": ("the feeling", "sure"),
    "post.intent_p": ("the subject", "sure"),
    "post.complaint_p": ("a complaint", "likely"),
    "post.abuse_p": ("abuse", "likely"),
    "post.spam_p": ("spam", "likely"),
    "post.urgent_p": ("urgency", "likely"),
    "post.link_risk": ("a dangerous link", "likely"),
    "author.imitates_p": ("an author who passes for us", "likely"),
}
"""Chances: what is how likely, around the share."""

SUBJECTS: dict[str, str] = {
    "account": "an account", "billing": "billing", "cancel": "cancelling", "card": "a card", "complaint": "a complaint",
    "contact": "getting in touch", "delivery": "a delivery", "fraud": "fraud", "how_to": "how to do something",
    "order": "an order", "other": "something else", "outage": "an outage", "payment": "a payment", "praise": "something to praise",
    "refund": "a refund", "unsure": "something that nothing is sure of",
}  # fmt: skip
"""What a post is about, by the value of ``post.intent``."""

FEELINGS: dict[int, str] = {-1: "unhappy", 0: "neutral", 1: "happy"}
"""How an author feels, by the value of ``post.sentiment``."""

FINDINGS: dict[str, str] = {
    "card": "a card number", "iban": "an account number", "email": "an e-mail address", "phone": "a phone number",
    "national_id": "a national id number", "address": "a postal address", "birth_date": "a date of birth",
    "ip": "an internet address", "secret": "a key or token", "password": "a password", "abuse": "abuse",
    "copied": "words that others post alike", "imitation": "an author who passes for us", "spam": "spam",
    "lookalike_link": "a link that imitates another", "unsafe_link": "a link that is not safe", "urgent": "urgency",
}  # fmt: skip
"""What is found in a post, by the values of ``post.findings``."""

EFFECTS: dict[str, str] = {
    "escalate": "take it to a person at once",
    "hide": "hide it and say nothing",
    "report": "report it to the network and say nothing",
    "no_answer": "do not answer",
    "answer_private": "answer, and go on in private",
    "answer": "answer in public",
    "route": "pass it to a person, who decides",
    "acknowledge": "acknowledge it, without a clock",
}

COMPARISONS: dict[str, str] = {
    "==": "is", "!=": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
}  # fmt: skip
_TEXT_ORDER = {"<": "sorts before", "<=": "sorts before or is", ">": "sorts after", ">=": "sorts after or is"}
_FELT = {
    (-1, "=="): "the author is unhappy", (-1, "!="): "the author is not unhappy",
    (-1, "<="): "the author is unhappy", (-1, ">"): "the author is not unhappy",
    (0, "=="): "the feeling is neutral", (0, "!="): "the feeling is not neutral",
    (0, "<"): "the author is unhappy", (0, "<="): "the author is not happy",
    (0, ">"): "the author is happy", (0, ">="): "the author is not unhappy",
    (1, "=="): "the author is happy", (1, "!="): "the author is not happy",
    (1, "<"): "the author is not happy", (1, ">="): "the author is happy",
}  # fmt: skip
_SEEN = {
    ("direct", "=="): "only we can see the post", ("direct", "!="): "others can see the post",
    ("public", "=="): "everybody can see the post", ("public", "!="): "not everybody can see the post",
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
    if path == "post.sentiment":
        return _FELT.get((value, op), "") if isinstance(value, int) else ""
    if path == "post.visibility":
        return _SEEN.get((str(value), op), "")
    if path == "post.intent" and op in ("==", "!="):
        return is_among(path, "", subject(str(value)), op == "!=")
    if path == "now.weekday" and (day := own_value(path, value)):
        return _DATED[op].format(day)
    if path == "now.hour" and isinstance(value, int) and 0 <= value < 24:
        return _TIMED[op].format(value, value)
    if path in LIKELY and isinstance(value, float):
        what, how = LIKELY[path]
        return f"{what} {COMPARISONS[op]} {percent(value)} {how}"
    return ""


def subject(value: str) -> str:
    """What a post is about."""
    return SUBJECTS.get(value) or quoted(value)


def own_value(path: str, value: object) -> str:
    """A value of a field in words of its own, "" when it has none."""
    if path == "post.intent":
        return subject(str(value))
    if path == "post.sentiment" and isinstance(value, int):
        return FEELINGS.get(value, "")
    if path == "now.weekday" and isinstance(value, int) and 0 <= value < len(_DAYS):
        return _DAYS[value]
    return ""


def value_of(path: str, value: object) -> str:
    """A written-out value of a field as it is said."""
    return own_value(path, value) or (quoted(value) if isinstance(value, str) else repr(value))


def is_among(path: str, name: str, said: str, denied: bool) -> str:
    """A field that has one of several values."""
    if path == "post.intent":
        return f"the post is {'not ' if denied else ''}about {said}"
    return f"{name} is {'none of: ' if denied else ''}{said}"


def found(
    path: str, values: tuple[str, ...], which: str, denied: bool, row: Callable[[list[str], str], str]
) -> str:
    """What a list of a post holds: ``any`` of the values, or nothing but them (``all``). ``row`` puts several in a row."""
    if path != "post.findings":
        verb = {"any": "include", "all": "are all among"}[which]
        lead = f"{noun(path)} {'do not ' if denied and which == 'any' else ''}{verb}"
        said = row([quoted(one) for one in values], "or")
        return (
            f"not all of {noun(path)} are among: {said}" if denied and which == "all" else f"{lead}: {said}"
        )
    said = row([FINDINGS.get(one) or quoted(one) for one in values], "or")
    if which == "all":
        return f"{'something' if denied else 'nothing'} is found in the post but {said}"
    if len(values) == 1:
        return f"the post {'does not have' if denied else 'has'} {said}"
    return f"the post has {'none' if denied else 'any'} of: {said}"


def listed(said: list[str], joint: str) -> str:
    """Several in a row: ``a, b or c``."""
    return f"{', '.join(said[:-1])} {joint} {said[-1]}" if len(said) > 1 else "".join(said)


def compared(op: str, type_: str) -> str:
    """The words of a comparison between values of that type."""
    return _TEXT_ORDER.get(op, COMPARISONS[op]) if type_ == "string" else COMPARISONS[op]


def percent(value: float) -> str:
    """A share as percent, exactly as it was written."""
    return f"{(Decimal(repr(value)) * 100).normalize():f} %"


def quoted(text: str) -> str:
    """A text in quotes that cannot be taken for our own words."""
    return f"“{''.join(chr(92) + char if char in chr(92) + '“”' else _seen(char) for char in text)}”"


def _seen(char: str) -> str:
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"


def _spaced(name: str) -> str:
    return name.replace("_", " ")
