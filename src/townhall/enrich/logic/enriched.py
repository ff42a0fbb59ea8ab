"""What is understood of one post."""

from msgspec import Struct

from townhall.kernel.finding import Finding

UNSURE = "unsure"
"""The intent when none is likely enough."""

UNDETERMINED = "und"
"""The language when the text is too short or too strange (ISO 639-2's own word)."""


class Enriched(Struct, frozen=True, gc=False):
    """One post, understood. Probabilities are calibrated, 0 to 1.

    ``language`` is ISO 639-1 or ``und``; ``intent`` one of the care intents or ``unsure``; ``sentiment`` -1, 0 or 1;
    ``topics`` at most five lower-case words; ``simhash`` a signed 64-bit fingerprint (near-duplicates differ in few
    bits); ``terms`` the distinct search terms, signed 32-bit, rising.
    """

    language: str
    question: bool
    question_p: float
    intent: str
    intent_p: float
    sentiment: int
    sentiment_p: float
    complaint_p: float
    topics: tuple[str, ...]
    findings: tuple[Finding, ...]
    simhash: int
    terms: tuple[int, ...]
