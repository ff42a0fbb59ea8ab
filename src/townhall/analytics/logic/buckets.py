"""Times to answer in logarithmic buckets: eight to a doubling, so a bucket is 9 % wide, for a second to centuries."""

from math import ceil, log2

from townhall.kernel.clock import MINUTE, SECOND, Instant

ANSWER_SLOT: Instant = 5 * MINUTE
"""How finely beginnings are told apart."""
PER_DOUBLING = 8
MADE = -1
"""The bucket of beginnings: ``answers`` counts the promises that started then, ended or not."""
LAST = PER_DOUBLING * 34
"""The last bucket holds all that is longer (over five hundred years)."""


def bucket_of(elapsed: Instant) -> int:
    """The bucket of an elapsed time (microseconds). Everything under a second is bucket 0."""
    if elapsed < SECOND:
        return 0
    return min(1 + int(log2(elapsed / SECOND) * PER_DOUBLING), LAST)


def upper_edge(bucket: int) -> Instant:
    """Where a bucket ends, microseconds: the figure that is reported for it, so that we never flatter ourselves."""
    return ceil(2 ** (bucket / PER_DOUBLING) * SECOND)
