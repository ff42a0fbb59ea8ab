"""The heads a brand has taught, at work: what the shipped models found, corrected for the brand's own posts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from townhall.enrich.learning.adapted import Adapted
from townhall.enrich.learning.views import hashed
from townhall.enrich.logic.enriched import Enriched
from townhall.enrich.logic.heads import HEADS, chances_of
from townhall.enrich.understanding import Understanding

_SIGNED = ("abuse", "spam", "urgent")


class TaughtHead(Struct, frozen=True):
    """A version in use: its number within brand and head, its digest, the model itself."""

    number: int
    digest: str
    model: Adapted


class TaughtHeads:
    """A brand's own models, one a head. ``digests`` name them for the record: ``question:<12 hex digits>``, sorted."""

    def __init__(self, heads: Mapping[str, TaughtHead]) -> None:
        self.heads = dict(sorted(heads.items()))
        self.digests = " ".join(f"{name}:{one.digest[:12]}" for name, one in self.heads.items())

    def corrected(
        self,
        reader: Understanding,
        texts: Sequence[str],
        found: Sequence[Enriched],
        likely: Mapping[str, Any],
    ) -> tuple[list[Enriched], dict[str, Any]]:
        """What is understood of the texts now, and the chances behind it. ``likely`` are rows for these texts alone."""
        blocks = hashed(texts)
        own = {
            name: np.asarray(one.model.chances(blocks, chances_of(name, found, likely)), np.float32)
            for name, one in self.heads.items()
        }
        chances = {**likely, **own}
        intents, moods = reader.named(chances)
        fixed = [self._one(one, place, own) for place, one in enumerate(found)]
        return [
            replace(one, intent=name, intent_p=sure, sentiment=mood, sentiment_p=felt)
            for one, (name, sure), (mood, felt) in zip(fixed, intents, moods, strict=True)
        ], chances

    def _one(self, one: Enriched, place: int, own: Mapping[str, Any]) -> Enriched:
        yes = {f"{name}_p": float(own[name][place, 1]) for name in own if HEADS[name].is_yes_or_no}
        if "question_p" in yes:
            yes["question"] = yes["question_p"] >= HEADS["question"].floor
        return replace(one, **yes, signs=self._signs(one, yes)) if yes else one

    def _signs(self, one: Enriched, yes: Mapping[str, float]) -> tuple[str, ...]:
        """Reasons of what is called so now: those given by a model that was corrected fall away."""
        taught = [name for name in _SIGNED if f"{name}_p" in yes]
        if not taught:
            return one.signs
        kept = [sign for sign in one.signs if sign.split(":", 1)[0] not in taught]
        return (
            *kept,
            *(
                f"{name}: as your people labelled posts like it (own model {self.heads[name].number})"
                for name in taught
                if yes[f"{name}_p"] >= HEADS[name].floor
            ),
        )
