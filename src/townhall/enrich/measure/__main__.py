"""``python -m townhall.enrich.measure [--cards]``: measures, prints JSON; with ``--cards`` writes the figures on the cards."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from townhall.enrich.measure import measure
from townhall.enrich.weights import SHIPPED

_CARD_TASKS = {
    "sentiment": ("airline_sentiment", "tweets_sentiment"),
    "question": ("question",),
    "complaint": ("complaint",),
    "intent": ("intent",),
    "language": ("language",),
    "spam": ("sms_spam", "youtube_spam"),
    "topics": ("topic",),
}


def note_on_cards(figures: dict[str, dict[str, Any]], folder: Path = SHIPPED) -> None:
    """Write each model's figures on its card (the weights and their digest stay as they are)."""
    for name, tasks in _CARD_TASKS.items():
        path = folder / f"{name}.json"
        card = json.loads(path.read_text("utf-8"))
        card["figures"] = {
            task: {k: v for k, v in figures[task].items() if not k.endswith("us")} for task in tasks
        }
        path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    measured = measure(Path(os.environ.get("TOWNHALL_DATASETS", "../shared/data")))
    if "--cards" in sys.argv:
        note_on_cards(measured)
    sys.stdout.write(json.dumps(measured, indent=2) + "\n")
