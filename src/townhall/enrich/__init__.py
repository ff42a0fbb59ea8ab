"""Understanding. Takes texts, gives what they say: language, question, intent, feeling, topics, personal data.

Takes plain texts in batches (and a network's language hint). Gives one ``Enriched`` each; redacts before storage.
Owns the shipped models (``models/*.npz``, each with its card) and no table.
Never reaches for the network, never stores or logs a text, never holds the value of a finding.
"""

from townhall.enrich.logic.enriched import UNDETERMINED, UNSURE, Enriched
from townhall.enrich.logic.personal_data import find_personal_data, redact, redact_batch
from townhall.enrich.logic.tokens import search_terms
from townhall.enrich.understanding import Understanding

__all__ = [
    "UNDETERMINED",
    "UNSURE",
    "Enriched",
    "Understanding",
    "find_personal_data",
    "redact",
    "redact_batch",
    "search_terms",
]
