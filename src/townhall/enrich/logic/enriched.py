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
    bits); ``terms`` the distinct search terms, signed 32-bit, rising. ``link_risk`` is that of the riskiest link (0 without
    one), ``hosts`` those it links to; ``signs`` say why, for each of abuse, spam, urgency and links that passed its floor.
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
    abuse_p: float = 0.0
    spam_p: float = 0.0
    urgent_p: float = 0.0
    link_risk: float = 0.0
    hosts: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
