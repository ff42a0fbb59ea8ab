"""What a file of ActivityStreams can do."""

from townhall.channels.port import Card

CARD = Card(
    kind="activitystreams",
    title="ActivityStreams 2.0 files",
    reads=(
        "posts",
        "replies",
        "edits",
        "deletions",
        "likes",
        "reposts",
        "reports",
        "media",
        "direct messages",
    ),
    writes=(),
    max_length=0,
    length_rule="nothing is sent, so nothing is counted",
    private_reply=False,
    edits=True,
    deletions=True,
    proof="none: the operator vouches for the file",
    delivery_guarantee="at_most_once_doubtful",
    guarantee_note="Nothing is ever sent. An Organization actor counts as the brand's own account.",
    retention_class="operator",
    tested_against="W3C ActivityStreams 2.0 vocabulary, 26,860 real public care posts, generated hostile items",
    tested_on="2026-11-22",
    cost_note="free",
)
