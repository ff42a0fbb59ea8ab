"""What is said of a post's feeling when posts are counted: the class, or that the model is not sure."""

from typing import Literal

SURE = 0.5
"""Calibrated probability under which the feeling of a post is called unsure: all other classes together are likelier then."""

Feeling = Literal["negative", "neutral", "positive", "unsure"]
_NAMES: dict[int, Feeling] = {-1: "negative", 0: "neutral", 1: "positive"}


def feeling(sentiment: int, certainty: float) -> Feeling:
    """The feeling of a post whose likeliest class is ``sentiment`` (-1, 0 or 1)."""
    return _NAMES[sentiment] if certainty >= SURE else "unsure"
