"""Offensive posts and others, as labelled for SemEval 2019 task 6."""

from pathlib import Path

from townhall.enrich.sets import rows


def offensive_posts(sets: Path) -> list[tuple[str, bool]]:
    """(text, whether it offends)."""
    return [
        (row["text"], not row["label"].startswith(("non", "not")))
        for row in rows(sets, "tweeteval", "offensive")
    ]
