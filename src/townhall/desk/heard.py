"""How well each account is heard at a moment: what its reader last wrote, unless the reader stands still since.

A reader that dies writes nothing more, so that what it wrote last would look well for ever. Every display joins this.
"""

from townhall.intake.health import NETWORKS

STILL_AFTER_S = 120
"""Seconds without a reading, beyond the account's own time between two, after which its reader is said to stand still."""
_BETWEEN_S = 15
_MESSAGE = "Its reader stands still: see that the clock role runs."


def health_at(now: str) -> str:
    """The join that gives ``h``, the health of ``account a`` at ``now`` (SQL for a moment): the columns of
    ``account_health``, where a reader that stands still makes an account ``behind`` since its last reading."""
    networks = ", ".join(f"'{one}'" for one in NETWORKS)
    return f"""
    LEFT JOIN LATERAL (
        SELECT account_id, CASE WHEN still THEN 'behind' ELSE state END AS state,
            CASE WHEN still THEN read_at ELSE since END AS since,
            CASE WHEN still THEN greatest(lag_seconds, extract(epoch FROM {now} - read_at)::float8)
                ELSE lag_seconds END AS lag_seconds,
            CASE WHEN still THEN '{_MESSAGE}' ELSE message END AS message,
            last_post_at, read_at, limit_resets_at, cost_micro_usd
        FROM (
            SELECT s.*, s.state IN ('ok', 'behind') AND a.reading AND a.connected AND a.channel IN ({networks})
                AND coalesce({now} - s.read_at > (coalesce((a.settings->>'poll_s')::float8, {_BETWEEN_S}) + {STILL_AFTER_S})
                    * interval '1 second', false) AS still
            FROM account_health s WHERE s.account_id = a.id
        ) stored
    ) h ON true"""
