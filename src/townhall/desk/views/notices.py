"""What a person is told."""

from msgspec import Struct

from townhall.kernel.clock import Instant


class Notice(Struct, frozen=True):
    """One notification in the app. ``count`` is how many happenings it stands for (grouped by ``kind`` and subject)."""

    id: int
    kind: str
    urgent: bool
    title: str
    subject: str
    url: str
    count: int
    first_at: Instant
    last_at: Instant
    acknowledged_at: Instant = 0
