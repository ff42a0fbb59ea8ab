"""What each head learns from: rows of (text, label, weight) made from the sets and from phrases of ours."""

import random
import re
from pathlib import Path

from townhall.enrich.sets import care_turns, chat_lines, messages, tweets, utterances
from townhall.enrich.sets.intents import OF_SET
from townhall.enrich.training import adverts, grammar
from townhall.enrich.training.woven import woven

Row = tuple[str, str, float]
"""Text, label, weight."""

_OPENERS = re.compile(
    r"(?:(?:so|and|but|ok|hi|hello|hey|please|well|um)[, ]+)*(?:what|why|when|where|who|whom|whose|how|which|can|could|do|does|did|is|are|am|was|were|"
    r"will|would|should|shall|has|have|may|any|anyone|anybody|whats|what's|hows|how's|wheres|where's|isn't|aren't|don't|doesn't|wanna)\b",
    re.IGNORECASE,
)
_END_MARKS = re.compile(r"[?!.\s]+$")
_SMILE = re.compile(r"(?<!\S)[:;]-?[)Dp](?!\S)")
_FROWN = re.compile(r"(?<!\S):['-]?[(/](?!\S)")
_PLAIN_WORDS = tuple(
    (label, re.compile(pattern, re.IGNORECASE))
    for label, pattern in (
        ("refund", r"\brefund"),
        ("cancel", r"\bcancel (?:my|the|this|it)\b|\bunsubscribe\b"),
        ("fraud", r"\b(?:hacked|scam|fraud|phishing|stolen account)\b"),
        ("billing", r"\b(?:charged|bill|billing|invoice)\b"),
        ("delivery", r"\b(?:parcel|package|courier|shipping|shipped|delivery)\b"),
        ("account", r"\b(?:log ?in|sign ?in|password|locked out|suspended|verification code)\b"),
        (
            "outage",
            r"\b(?:crash\w*|not working|doesn'?t work|won'?t (?:work|load|open|start)|is down|outage|error|freez\w+|bug)\b",
        ),
        ("how_to", r"\bhow (?:do|can|to)\b"),
    )
)
_FAULTS = (
    "declined", "failed", "not_working", "not_recognised", "charged_twice", "lost_or", "compromised", "wrong_", "stolen", "pending",
    "not_received", "reverted", "swallowed", "blocked", "card_arrival", "extra_charge", "fee_charged", "not_updated", "not_showing",
)  # fmt: skip
"""Parts of the names of bank needs that tell of something gone wrong; the others only ask."""
_NEWS = re.compile(r"https?://")


def sentiment(sets: Path) -> list[Row]:
    """Tweets in eight languages, bank customers' questions by whether they tell of a fault, and care posts made up from phrases
    of ours."""
    rows: list[Row] = [(text, mood, 1.0) for text, _, mood in (*tweets(sets, "train"), *tweets(sets, "val"))]
    for text, need in utterances(sets, "banking77", "train"):
        faulty = any(fault in need for fault in _FAULTS)
        rows.append((text, "negative" if faulty else "neutral", 0.5))
    return rows + [(text, mood, 1.0) for text, mood in grammar.posts(16_000)]


def language(sets: Path) -> list[Row]:
    """Tweets in eight languages: Hindi in Latin letters against the seven others, which the general detector knows."""
    spoken = (*tweets(sets, "train"), *tweets(sets, "val"))
    return [(text, "hi" if code == "hi" else "other", 1.0) for text, code, _ in spoken]


def question(sets: Path) -> list[Row]:
    """Chat lines and utterances; a question mark is the label, and half of them lose it so that words must tell."""
    chance = random.Random(7)  # noqa: S311 (a repeatable choice of rows, not a secret)
    lines = chat_lines(sets)
    for name in OF_SET:
        lines += [text for text, _ in utterances(sets, name, "train")]
    rows: list[Row] = []
    for line in lines:
        if _NEWS.search(line):
            continue
        asks = "?" in line
        opens = _OPENERS.match(line) is not None
        if asks and (line.rstrip().endswith("?") or opens):
            text = _END_MARKS.sub("", line.replace("?", "")) if chance.random() < 0.5 else line
            rows.append((text, "yes", 1.0))
        elif not asks and not opens:
            rows.append((line, "no", 1.0))
        elif not asks and len(line.split()) > 3:
            rows.append((line, "yes", 0.4))
    for text, _, _ in tweets(sets, "train"):
        rows.append((text, "yes" if re.search(r"[?؟]\s*(?:http\S*)?\s*$", text) else "no", 0.5))
    return rows


def complaint(sets: Path) -> list[Row]:
    """Cross against other posts, and support chat by its smileys; cross ones at half weight: most posts are no complaint."""
    rows = [
        (text, _yes(mood == "negative"), 0.5 if mood == "negative" else 1.0)
        for text, mood, _ in sentiment(sets)
    ]
    for line in chat_lines(sets):
        glad, cross = _SMILE.search(line), _FROWN.search(line)
        if glad and not cross:
            rows.append((_SMILE.sub("", line), "no", 0.3))
        elif cross and not glad:
            rows.append((_FROWN.sub("", line), "yes", 0.5))
    return rows


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def intent(sets: Path) -> list[Row]:
    """Three intent sets under our names, English tweets for ``other``, care threads by plain words, our phrases."""
    rows: list[Row] = []
    for name, ours in OF_SET.items():
        for text, theirs in utterances(sets, name, "train"):
            label = ours.get(theirs, "other")
            rows.append((text, label, 0.6 if label == "other" else 1.0))
    rows += [(text, "other", 0.7) for text, code, _ in tweets(sets, "train") if code == "en"]
    for _, text in care_turns(sets):
        rows += [(text, label, 1.0) for label, words in _PLAIN_WORDS if words.search(text)][:1]
    return rows + [(text, label, 0.5) for text, label in grammar.intents(400)]


def spam(sets: Path) -> list[Row]:
    """Four fifths of the text messages, adverts of ours woven into tweets and chat lines, and honest posts."""
    rows: list[Row] = [(text, label, 1.0) for text, label in messages(sets, "train")]
    found = _found(sets)
    made = woven(found, adverts.advert, adverts.honest, 5000, 29)
    rows += [(text, "spam" if truth else "ham", 0.7) for text, truth in made]
    rows += [(text, "ham", 0.5) for text in found]
    return rows + [(text, "ham", 1.0) for text, _ in grammar.posts(4000)]


def _found(sets: Path) -> list[str]:
    """Tweets in eight languages, the English ones twice, and every twentieth chat line."""
    spoken = tweets(sets, "train")
    return [text for text, code, _ in spoken for _ in range(1 + (code == "en"))] + chat_lines(sets)[::20]
