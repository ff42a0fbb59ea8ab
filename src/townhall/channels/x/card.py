"""What X can do."""

from townhall.channels.port import Card

CARD = Card(
    kind="x",
    title="X",
    reads=(
        "mentions",
        "replies",
        "search",
        "own posts",
        "edits",
        "deletions",
        "reposts",
        "media",
        "direct messages",
    ),
    writes=("reply", "post", "direct message"),
    max_length=280,
    length_rule="280 weighted: an address counts 23, an emoji 2, Chinese, Japanese and Korean characters 2",
    private_reply=True,
    message_us="https://x.com/messages/compose?recipient_id={id}",
    message_them="https://x.com/messages/compose?recipient_id={id}",
    pictures=4,
    pictures_private=1,
    picture_bytes=5 << 20,
    alt_length=1_000,
    edits=True,
    deletions=True,
    proof="TLS to the address in the settings; webhooks by HMAC-SHA256 of the body with the app's consumer secret",
    delivery_guarantee="at_most_once_doubtful",
    guarantee_note=(
        "X has no idempotency key. After an unclear answer the account's own timeline is read back: a post that is"
        " there settles it. One that is not there yet proves nothing for certain, so it is never posted again by"
        " itself; it becomes doubtful and a person decides."
    ),
    retention_class="follows_author_24h",
    tested_against="the published OpenAPI description 2.167, and a stateful server of ours on loopback",
    tested_on="2026-11-22",
    cost_note=(
        "counted for each call: post read $0.005, message read or sent $0.010, post $0.015, post with an address $0.20."
        " Earlier versions of an edited post, and the post that one answers, come along and are paid for; the versions are"
        " kept, the post that is answered is kept only where it comes by itself, and the thread says when it is not here."
        " What X may take for handing in a picture is not counted. Encrypted messages are announced but cannot be read. Strangers' deletions are found only by looking again."
    ),
    deeds=("hide", "unhide"),
    deeds_repeat=True,
    deeds_note="X hides replies in our own conversations, and takes no reports by its interface. Report it in the app.",
    access_page="https://developer.x.com/en/portal/dashboard",
    access_place="Projects and apps › your app › Keys and tokens",
    plan="a paid plan of X",
    review="by X, which takes days",
    inbound="only for what X delivers by itself",
    needs=(
        "a user's access token",
        "the user's id",
        "for webhooks: the app's consumer secret",
        "to send pictures: the scope media.write",
        "to hide: the scope tweet.moderate.write",
    ),
)
