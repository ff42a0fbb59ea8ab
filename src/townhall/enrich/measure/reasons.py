"""Why customers of airlines complain, as far as the shipped needs tell it. A reason is a need, told apart by an operator's labels."""

from pathlib import Path
from typing import Any

import numpy as np

from townhall.enrich.measure.scores import by_class, calibration_error, entry, read, where_sure
from townhall.enrich.sets import reasons
from townhall.enrich.understanding import Understanding

OF_NEED = {
    "cancel": "Cancelled Flight", "delivery": "Lost Luggage", "contact": "Customer Service Issue",
    "order": "Flight Booking Problems", "billing": "Flight Booking Problems", "payment": "Flight Booking Problems",
    "refund": "Flight Booking Problems", "account": "Flight Booking Problems", "how_to": "Flight Booking Problems",
}  # fmt: skip
"""Need → the reason nearest in meaning, written before it was measured. The other needs say nothing of why a flight went wrong."""


def reason(sets: Path, reader: Understanding) -> dict[str, Any]:
    """Right of all complaints with a reason; those whose need tells none count as wrong, and are not ``sure``."""
    pairs = reasons(sets)
    found, us = read(reader, [text for text, _ in pairs])
    truth, said = [label for _, label in pairs], [OF_NEED.get(one.intent) for one in found]
    told = [place for place, one in enumerate(said) if one is not None]
    right = [truth[place] == said[place] for place in told]
    error = calibration_error([found[place].intent_p for place in told], right) if told else -1.0
    share = float(np.mean([a == b for a, b in zip(truth, said, strict=True)]))
    figures = by_class(truth, [one or "" for one in said]) | where_sure(truth, said)
    return entry("accuracy", share, us, len(pairs), error, floor=reader.floor, **figures)
