"""How many promises will be missed if answers go on at the present pace, the earliest due answered first."""

from collections.abc import Sequence

MINUTES = 30
"""How far ahead is looked, in minutes."""


def will_be_missed(missed: int, due: Sequence[int], pace: float) -> int:
    """Of the promises due in each coming minute (``due``), how many no answer will reach in time.

    ``missed`` are those late already, which stand first in the line; ``pace`` is answers a minute. Whoever stands at
    place k is answered once k answers were given; one due in a minute may still be answered until that minute ends.
    Who is late stays in the line, for they are answered too.
    """
    lost, ahead = 0, missed
    for minute, count in enumerate(due):
        answers = int(pace * (minute + 1) + 1e-9)
        lost += count - min(count, max(0, answers - ahead))
        ahead += count
    return lost
