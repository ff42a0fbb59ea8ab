"""What a generic signed webhook can do."""

from townhall.channels.port import Card

CARD = Card(
    kind="webhook",
    title="Signed webhook",
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
    writes=("reply", "direct message"),
    max_length=10_000,
    length_rule="one for each Unicode code point",
    private_reply=True,
    edits=True,
    deletions=True,
    proof="HMAC-SHA256 of each delivery (Standard Webhooks), fresh within 5 minutes, several secrets for rotation",
    delivery_guarantee="at_most_once_doubtful",
    guarantee_note=(
        "A reply is posted once to the operator's address with a webhook-id that never changes, so a receiver that"
        " remembers ids takes it once. There is no reading back: an unclear answer becomes doubtful and a person decides."
    ),
    retention_class="operator",
    tested_against="Standard Webhooks 1.0 and CloudEvents 1.0.2 as published; a loopback receiver through a cutting line",
    tested_on="2026-11-22",
    cost_note="free",
    deeds=("hide", "unhide", "report"),
    deeds_need_address=True,
    deeds_note="The operator's system is told and does it.",
    access_place="The sender's own settings hold the shared secret and the address it delivers to",
    inbound="yes: the sender delivers to it",
    needs=("a shared secret (whsec_…)", "for replies, hiding and reporting: the address that takes them"),
)
