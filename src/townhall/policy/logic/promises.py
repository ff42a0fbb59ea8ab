"""Targets in plain English: what is promised beside the two answers that every sentence names, and to whom."""

from townhall.kernel.clock import HOUR, MINUTE, SECOND, Instant
from townhall.policy.logic.targets import RESPONSES, Level, Promised, Row, Targets


def span(time: Instant) -> str:
    """A length of time in hours, minutes and seconds, whole."""
    parts = ((time // HOUR, "h"), (time % HOUR // MINUTE, "min"), (time % MINUTE // SECOND, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def targets_in_words(targets: Targets) -> list[str]:
    """Everything but two plain answers to everybody; a phrase each, in the order of the document."""
    found = [
        promise_in_words(metric, promised)
        for metric, promised in targets.promised
        if metric not in RESPONSES or promised != Promised(promised.within)
    ]
    found += [f"{_whom(row)}: {promise_in_words(*one)}" for row in targets.rows for one in row.promised]
    if targets.at_risk:
        found.append(f"at risk from {levels_in_words(targets.at_risk)}")
    return found


def levels_in_words(levels: tuple[Level, ...]) -> str:
    """When a promise is at risk; without levels by the house's own."""
    return " and ".join(_level(level.used, level.left) for level in levels) or "the house's own level"


def promise_in_words(metric: str, promised: Promised) -> str:
    """One promise with all its terms, as a phrase."""
    said = f"{metric.replace('_', ' ')} within {span(promised.within)}"
    if promised.satisfied_by:
        said += f", kept by {' or '.join(promised.satisfied_by)}"
    if promised.counts != "sent":
        said += f", counted when {promised.counts}"
    if promised.pauses:
        said += f", paused for {' and '.join(cause.replace('_', ' ') for cause in promised.pauses)}"
    return said


def _whom(row: Row) -> str:
    parts = ((row.priority, "priority {}"), (row.channel, "{} channels"), (row.tier, "tier {}"))
    return ", ".join(words.format(value) for value, words in parts if value) or "everybody"


def _level(used: int, left: Instant) -> str:
    return f"{used} % used" if used else f"{span(left)} left"
