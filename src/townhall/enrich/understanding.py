# ruff: noqa: SIM905
"""First rules, so that the pipeline runs before the models are trained."""

from collections.abc import Sequence
from pathlib import Path

import eldc
from xxhash import xxh64_intdigest

from townhall.enrich.logic.enriched import UNDETERMINED, UNSURE, Enriched
from townhall.enrich.logic.personal_data import find_personal_data_batch
from townhall.enrich.logic.tokens import search_terms, tokens_of
from townhall.kernel.finding import Finding

_ASKING = frozenset(
    "what why when where who how which can could do does did is are will would should any".split()
)
_GLAD = frozenset("thanks thank great love awesome best excellent good amazing happy :) <3".split())
_CROSS = frozenset(
    "worst terrible awful bad hate broken late delayed cancelled rude lost angry :( useless never".split()
)


class Understanding:
    """Reads posts. ``load`` once a process; ``enrich`` batches."""

    @classmethod
    def load(cls, folder: Path | None = None) -> "Understanding":
        """The shipped models, or those in ``folder``."""
        eldc.init()
        return cls()

    def enrich(self, texts: Sequence[str], hints: Sequence[str] | None = None) -> list[Enriched]:
        """Each text, understood; ``hints`` are the network's language hints ("" when it gave none)."""
        findings = find_personal_data_batch(texts)
        return [self._one(*pair) for pair in zip(texts, findings, strict=True)]

    def _one(self, text: str, findings: tuple[Finding, ...]) -> Enriched:
        tokens = tokens_of([text])[:-1]
        language = eldc.detect(text) if len(text) >= 12 else UNDETERMINED
        asks = 0.9 if "?" in text else 0.6 if tokens and tokens[0] in _ASKING else 0.1
        mood = sum(t in _GLAD for t in tokens) - sum(t in _CROSS for t in tokens)
        topics = tuple(dict.fromkeys(t for t in tokens if t.isalpha() and len(t) > 4))[:5]
        fingerprint = xxh64_intdigest(" ".join(tokens).encode("utf-8", "replace")) - (1 << 63)
        sentiment = (mood > 0) - (mood < 0)
        return Enriched(
            language,
            asks > 0.5,
            asks,
            UNSURE,
            0.0,
            sentiment,
            0.6,
            0.6 if mood < 0 else 0.2,
            topics,
            findings,
            fingerprint,
            search_terms(text),
        )
