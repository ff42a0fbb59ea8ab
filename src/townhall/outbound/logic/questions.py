"""Whether an answer names what was asked for, as far as words can tell: a time where somebody asks when, a sum where how much.

English and German only; a question counts when its sentence begins with the asking word, because "when" and "wann" also
join sentences.
"""

import re

_LEAD = r"^(?:[^\w@#]|@\S+|#\S+|and|but|so|hi|hello|hey|und|aber|also|hallo|bitte|please)*\s*"
_ASKS: dict[str, dict[str, str]] = {
    "en": {"time": r"(?:when|what time|how long|how soon|until when|since when|by when)\b", "sum": r"(?:how much|what does|what do|what would)\b.{0,80}\b(?:cost|pay|charge|price|it|is)\b"},
    "de": {"time": r"(?:wann|wie lange|um wie ?viel uhr|bis wann|seit wann|ab wann)\b", "sum": r"(?:wie ?viel|was)\b.{0,80}\b(?:kostet|kosten|zahle|zahlen|preis)\b"},
}  # fmt: skip
_NAMED: dict[str, dict[str, str]] = {
    "en": {
        "time": r"\d|\b(?:today|tonight|tomorrow|yesterday|now|soon|shortly|later|already|immediately|noon|midnight|morning|evening|"
        r"afternoon|weekend|minutes?|hours?|days?|weeks?|months?|years?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|"
        r"march|april|may|june|july|august|september|october|november|december|spring|summer|autumn|fall|winter|know when|no date)\b",
        "sum": r"\d|\b(?:free|nothing|no charge|no cost|included|one|two|three|five|ten|hundred)\b",
    },
    "de": {
        "time": r"\d|\b(?:heute|morgen|gestern|jetzt|gleich|bald|später|bereits|sofort|mittags?|mitternacht|abends?|vormittags?|nachmittags?|"
        r"wochenende|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?|januar|"
        r"februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|noch nicht|kein termin)\b",
        "sum": r"\d|\b(?:kostenlos|gratis|umsonst|nichts|inklusive|enthalten|ein|zwei|drei|fünf|zehn|hundert)\b",
    },
}  # fmt: skip
_SAID = {
    "time": "They ask when or how long; this names no time.",
    "sum": "They ask how much; this names no sum.",
}
_QUESTION = re.compile(r"[^.!?\n]*\?")


def unanswered(asked: str, language: str, answer: str) -> str:
    """What was asked for and is not named ("" when nothing is missed, or nobody can tell). An answer that asks back is none."""
    tongue = language[:2].lower()
    if tongue not in _ASKS or "?" in answer or not answer.strip():
        return ""
    for what, pattern in _ASKS[tongue].items():
        asks = re.compile(_LEAD + pattern, re.IGNORECASE)
        if any(asks.match(one.strip()) for one in _QUESTION.findall(asked)) and not re.search(
            _NAMED[tongue][what], answer, re.IGNORECASE
        ):
            return _SAID[what]
    return ""
