"""Which night a moment belongs to, and which verdicts a step of it derives again."""

from datetime import date, datetime, timedelta

HOUR = 3
"""A night begins at this hour of the brand's own zone."""

MOST = 500_000
"""Verdicts derived again in one night of a brand: new ones first, then older ones, on from where the last night stopped."""


def night_of(local: datetime) -> date:
    """The night that a moment in the brand's own zone belongs to. It lasts until the next begins, so that none is missed
    when nothing ran at that hour."""
    return (local.replace(tzinfo=None) - timedelta(hours=HOUR)).date()
