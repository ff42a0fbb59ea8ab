"""What a Mastodon server can do."""

from townhall.channels.port import Card

CARD = Card(
    kind="mastodon",
    title="Mastodon",
    reads=(
        "mentions",
        "replies",
        "own posts",
        "edits",
        "deletions",
        "likes",
        "reposts",
        "media",
        "direct messages",
    ),
    writes=("reply", "post", "direct message"),
    max_length=500,
    length_rule="one for each grapheme; an address counts 23, a mention without its server; the server states the limit",
    private_reply=True,
    message_them="{server}/share?text=%40{handle}%20&visibility=direct",
    around="/api/v1/statuses/{id}/context",
    pictures=4,
    pictures_private=4,
    picture_bytes=16 << 20,
    alt_length=1_500,
    edits=True,
    deletions=True,
    proof="TLS to the server in the settings, with a bearer token; posts of other servers are vouched for by this one",
    delivery_guarantee="exactly_once_by_readback",
    guarantee_note=(
        "Each post carries an Idempotency-Key, which a server remembers for one hour; after an unclear answer the"
        " account's own posts are read back and compared before anything is tried again. Pictures are handed in before the"
        " post; after a failure they are handed in anew, and the server drops those that no post names."
    ),
    retention_class="follows_author",
    tested_against="mastodon-mock 0.6, directly and through a line that cuts, delays and duplicates",
    tested_on="2026-11-22",
    cost_note="free; 300 calls in 5 minutes for an account",
    deeds=("report",),
    deeds_note="Mastodon does not let an account hide other people's replies. Report the post to its moderators instead.",
    access_page="/settings/applications",
    access_place="Preferences › Development, then your application",
    needs=(
        "the server's address",
        "an access token with the scopes read, write:statuses",
        "to send pictures: the scope write:media",
        "to report: the scope write:reports",
    ),
)
