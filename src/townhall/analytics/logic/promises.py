"""What one commitment adds to the rollups. The same function feeds the additions and the recomputation."""

from collections.abc import Iterable

from msgspec import Struct

from townhall.analytics.logic.buckets import ANSWER_SLOT, MADE, bucket_of
from townhall.kernel.clock import MINUTE, Instant

UNDONE = "undone"
"""The cause of a commitment that never was: made by an act that was taken back. Counted nowhere."""


class Counted(Struct, frozen=True):
    """A commitment as counting sees it. ``satisfied`` and ``cancelled`` are 0 while it runs."""

    brand: int
    metric: str
    started: Instant
    due: Instant
    satisfied: Instant = 0
    cancelled: Instant = 0
    cause: str = ""
    queue: str = ""


PromiseKey = tuple[Instant, int, str, str]
AnswerKey = tuple[Instant, int, int]


class Deltas(Struct):
    """Additions by key: promises as (made, met, late, cancelled, dropped), answers as (answers, given_up)."""

    promises: dict[PromiseKey, tuple[int, int, int, int, int]] = {}
    answers: dict[AnswerKey, tuple[int, int]] = {}

    def promise_rows(self) -> list[tuple[Instant, int, str, str, int, int, int, int, int]]:
        """Rows for ``store.add_promises``, without those that changed nothing."""
        return [(*key, *counts) for key, counts in self.promises.items() if any(counts)]

    def answer_rows(self) -> list[tuple[Instant, int, int, int, int]]:
        """Rows for ``store.add_answers``, without those that changed nothing."""
        return [(*key, *counts) for key, counts in self.answers.items() if any(counts)]


def deltas(before: Iterable[Counted], after: Iterable[Counted]) -> Deltas:
    """What to add when these commitments became those."""
    out = Deltas()
    for sign, side in ((-1, before), (1, after)):
        for commitment in side:
            _count(out, commitment, sign)
    return out


def _count(out: Deltas, c: Counted, sign: int) -> None:
    if c.cause == UNDONE:
        return
    met = int(0 < c.satisfied <= c.due)
    late = int(c.satisfied > c.due)
    cancelled = int(not c.satisfied and 0 < c.cancelled < c.due)
    dropped = int(not c.satisfied and 0 < c.due <= c.cancelled)
    key = (c.due - c.due % MINUTE, c.brand, c.metric, c.queue)
    counts = out.promises.get(key, (0, 0, 0, 0, 0))
    made, kept, tardy, off, lost = counts
    out.promises[key] = (
        made + sign, kept + sign * met, tardy + sign * late, off + sign * cancelled, lost + sign * dropped
    )  # fmt: skip
    if c.metric != "first_response":
        return
    began = c.started - c.started % ANSWER_SLOT
    begun = out.answers.get((began, c.brand, MADE), (0, 0))
    out.answers[began, c.brand, MADE] = (begun[0] + sign, begun[1])
    ended = c.satisfied or c.cancelled
    if ended:
        slot = (began, c.brand, bucket_of(ended - c.started))
        answers, given_up = out.answers.get(slot, (0, 0))
        kept = sign if c.satisfied else 0
        out.answers[slot] = (answers + kept, given_up + sign - kept)
