"""The one reader of posts: shipped models behind one ``enrich``, made for batches and cheap for one."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import eldc
import numpy as np

from townhall.enrich.logic import conclude
from townhall.enrich.logic.conduct import Conduct
from townhall.enrich.logic.enriched import UNDETERMINED, Enriched
from townhall.enrich.logic.lexicon import Lexicon
from townhall.enrich.logic.links import risks
from townhall.enrich.logic.personal_data import find_personal_data_batch, redact_batch
from townhall.enrich.logic.reading import Reading
from townhall.enrich.weights import HEADS, SHIPPED, Model, read_all, side_by_side


class Understanding:
    """Reads posts. ``load`` once a process; any thread may call ``enrich`` (one at a time is served)."""

    def __init__(self, models: dict[str, Model]) -> None:
        self._weights = side_by_side(models)
        self._lexicon = Lexicon(self._weights, float(models["topics"].card["unknown"]))
        self._turn = threading.Lock()
        self._places: dict[str, slice] = {}
        self._classes = {name: models[name].classes for name in HEADS}
        self.floor = float(models["intent"].card["floor"])
        files = "".join(str(models[name].card.get("sha256", "")) for name in sorted(models))
        self.digest = hashlib.sha256(files.encode()).hexdigest()
        """Of all the models together, by the digests on their cards."""
        start = 0
        for name in HEADS:
            width = models[name].arrays["bias"].size
            self._places[name] = slice(start, start + width)
            start += width
        eldc.init()

    @classmethod
    def load(cls, folder: Path | None = None) -> "Understanding":
        """With the shipped models, or those in ``folder``. Raises ``Refused`` when a digest does not match."""
        made = cls(read_all(folder or SHIPPED))
        made.enrich(["ready"])
        redact_batch(["ready"])  # compiles the gates now, not under the first batch
        return made

    def enrich(self, texts: Sequence[str], hints: Sequence[str] | None = None) -> list[Enriched]:
        """Each text, understood; ``hints`` are the network's language hints ("" when it gave none).

        What is said of a text never depends on the others in the batch.
        """
        return self.read(texts, hints)[0]

    def read(
        self, texts: Sequence[str], hints: Sequence[str] | None = None
    ) -> tuple[list[Enriched], dict[str, np.ndarray]]:
        """As ``enrich``, with the chances that stand behind it: head → (texts, classes)."""
        if not texts:
            return [], {}
        with self._turn:
            reading = Reading(self._lexicon, self._weights, texts)
            terms, topics, prints = reading.terms(), reading.topics(), reading.fingerprints()
            conduct = Conduct(reading, risks(texts), self._places["spam"].start).by_text()
        likely = {name: conclude.chances(reading.scores[:, place]) for name, place in self._places.items()}
        intents, moods = self.named(likely)
        columns = zip(
            self._languages(texts, hints, likely["language"][:, 0]), likely["question"][:, 1].tolist(), intents, moods,
            likely["complaint"][:, 1].tolist(), topics, find_personal_data_batch(texts), prints, terms, conduct, strict=True,
        )  # fmt: skip
        return [
            Enriched(
                tongue, ask >= 0.5, ask, name, sure, mood, felt, crossness, words, found, mark, sought, *acts
            )
            for tongue, ask, (name, sure), (
                mood,
                felt,
            ), crossness, words, found, mark, sought, acts in columns
        ], likely

    def named(
        self, likely: Mapping[str, np.ndarray]
    ) -> tuple[list[tuple[str, float]], list[tuple[int, float]]]:
        """Intent and feeling of each text, by its chances."""
        moods = conclude.moods(likely["sentiment"], self._classes["sentiment"])
        cross = likely["complaint"][:, 1].tolist()
        return conclude.intents(likely["intent"], self._classes["intent"], self.floor, cross, moods), moods

    def head_scores(self, texts: Sequence[str], heads: Sequence[str]) -> np.ndarray:
        """(texts, k) scores of these heads, or evidence of ``abuse`` and ``urgent``, side by side: what a model learnt by an
        operator may build upon."""
        if not texts or not heads:
            return np.zeros((len(texts), 0), np.float32)
        with self._turn:
            reading = Reading(self._lexicon, self._weights, texts)
        told = reading.told.evidence
        return np.hstack(
            [told[name][:, None] if name in told else reading.scores[:, self._places[name]] for name in heads]
        )

    def _languages(
        self, texts: Sequence[str], hints: Sequence[str] | None, romanised: np.ndarray
    ) -> list[str]:
        given = hints if hints is not None else [""] * len(texts)
        return list(map(conclude.language, texts, map(_detect, texts), given, romanised.tolist()))


def language_of(text: str) -> str:
    """The language of one text by the general detector alone, which needs no models; "" when it cannot tell."""
    eldc.init()
    told = conclude.language(text, _detect(text), "", 0.0)
    return "" if told == UNDETERMINED else told


def _detect(text: str) -> str:
    try:
        return str(eldc.detect(text))
    except UnicodeEncodeError:  # half a surrogate pair, as broken JSON escapes give
        return str(eldc.detect(text.encode("utf-8", "replace").decode()))
