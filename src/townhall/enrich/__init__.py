"""Understanding. Takes texts, gives what they say: language, question, intent, feeling, topics, personal data,
abuse, spam, urgency, risky links, near-copies.

Takes plain texts in batches (and a network's language hint). Gives one ``Enriched`` each; redacts before storage.
Owns the shipped models (``models/*.npz``, each with its card), and the tables of labels, of questions to people, and of the
models that brands have taught (``store``).
Never reaches for the network, never stores or logs a text, never holds the value of a finding.
"""

from townhall.enrich.logic.conduct import FLOORS
from townhall.enrich.logic.copies import APART, Copies
from townhall.enrich.logic.enriched import UNDETERMINED, UNSURE, Enriched
from townhall.enrich.logic.links import addresses
from townhall.enrich.logic.personal_data import find_personal_data, redact, redact_batch
from townhall.enrich.logic.tokens import plain_words, search_terms
from townhall.enrich.understanding import Understanding, language_of

__all__ = [
    "APART",
    "FLOORS",
    "UNDETERMINED",
    "UNSURE",
    "Copies",
    "Enriched",
    "Understanding",
    "addresses",
    "find_personal_data",
    "language_of",
    "plain_words",
    "redact",
    "redact_batch",
    "search_terms",
]
