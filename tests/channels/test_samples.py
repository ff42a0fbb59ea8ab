"""Every sample beside its network, read as that network's items are: the whole result, kept here."""

from collections.abc import Iterator
from importlib.resources import files

import msgspec
import pytest
from inline_snapshot import snapshot

from townhall.channels import CHANNELS
from townhall.channels.port import AccountRef
from townhall.kernel.activity import Activity, Media

ACCOUNTS = {
    "mastodon": AccountRef(1, "lanternshop", "9", "mastodon"),
    "x": AccountRef(2, "lanternshop", "1001", "x"),
    "activitystreams": AccountRef(
        3, "lanternshop", "https://social.example/users/lanternshop", "activitystreams"
    ),
    "webhook": AccountRef(4, "contact", "https://forms.example/contact", "webhook"),
}


def samples(kind: str) -> Iterator[tuple[str, bytes]]:
    folder = files(f"townhall.channels.{kind}") / "samples"
    for sample in sorted(folder.iterdir(), key=lambda one: one.name):
        yield sample.name.removesuffix(".json"), sample.read_bytes()


def read(kind: str) -> dict[str, list[dict[str, object]]]:
    return {
        name: [stated(one) for one in CHANNELS[kind].parse(raw, ACCOUNTS[kind])]
        for name, raw in samples(kind)
    }


def stated(activity: Activity) -> dict[str, object]:
    """The fields that say something, so that a new field with a default changes nothing here."""
    return {name: value for name, value in msgspec.structs.asdict(activity).items() if value}


@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_every_network_has_samples_that_it_reads(kind: str) -> None:
    assert len(read(kind)) >= 2


def test_activitystreams() -> None:
    assert read("activitystreams") == snapshot(
        {
            "create": [
                {
                    "verb": "Create",
                    "object_id": "https://garden.example/notes/5",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "published": 1775117730000000,
                    "happened": 1775117730000000,
                    "text": """\
My lantern came without its glass.
Can you help?\
""",
                    "conversation": "https://garden.example/contexts/5",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/5",
                    "language": "en",
                    "media": (
                        Media(
                            url="https://media.example/31.webp",
                            media_type="image/webp",
                            alt="A lantern with an empty frame",
                            blurhash="",
                        ),
                    ),
                    "mentions": ("lanternshop@social.example",),
                    "author_followers": -1,
                }
            ],
            "delete": [
                {
                    "verb": "Delete",
                    "object_id": "https://garden.example/notes/5",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "happened": 1775174400000000,
                    "visibility": "public",
                    "author_followers": -1,
                }
            ],
            "like": [
                {
                    "verb": "Like",
                    "object_id": "https://social.example/notes/88",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "happened": 1775117731000000,
                    "visibility": "public",
                    "author_followers": -1,
                }
            ],
            "plain": [
                {
                    "verb": "Create",
                    "object_id": "https://x.example/notes/9",
                    "author_id": "https://x.example/users/lanternshop",
                    "author_handle": "lanternshop",
                    "author_kind": "Organization",
                    "own": True,
                    "published": 1775118252000000,
                    "happened": 1775118252000000,
                    "text": "@mia The glass is on its way",
                    "conversation": "https://x.example/threads/5",
                    "in_reply_to": "https://x.example/notes/5",
                    "visibility": "public",
                    "mentions": ("mia",),
                    "author_followers": -1,
                }
            ],
            "question": [
                {
                    "verb": "Create",
                    "object_id": "https://garden.example/notes/6",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "published": 1775117730000000,
                    "happened": 1775117730000000,
                    "text": """\
Which glass fits?

- Clear
- Frosted\
""",
                    "conversation": "https://garden.example/contexts/5",
                    "visibility": "direct",
                    "url": "https://garden.example/@mia/5",
                    "mentions": ("lanternshop@social.example",),
                    "author_followers": -1,
                }
            ],
            "update": [
                {
                    "verb": "Update",
                    "object_id": "https://garden.example/notes/5",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "published": 1775117730000000,
                    "happened": 1775120400000000,
                    "text": "Found it",
                    "conversation": "https://garden.example/contexts/5",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/5",
                    "language": "en",
                    "mentions": ("lanternshop@social.example",),
                    "author_followers": -1,
                }
            ],
        }
    )


def test_mastodon() -> None:
    assert read("mastodon") == snapshot(
        {
            "direct": [
                {
                    "verb": "Create",
                    "object_id": "112201",
                    "author_id": "110044",
                    "author_handle": "mia@garden.example",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775117730250000,
                    "happened": 1775117730250000,
                    "text": "@lanternshop my order is L-2041",
                    "in_reply_to": "112200",
                    "visibility": "direct",
                    "url": "https://garden.example/@mia/112201",
                    "language": "en",
                    "mentions": ("lanternshop",),
                    "author_followers": -1,
                }
            ],
            "edited": [
                {
                    "verb": "Create",
                    "object_id": "112202",
                    "author_id": "110044",
                    "author_handle": "mia@garden.example",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775117730250000,
                    "happened": 1775117730250000,
                    "text": "@lanternshop never mind, found it",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/112202",
                    "language": "en",
                    "mentions": ("lanternshop",),
                    "author_followers": -1,
                },
                {
                    "verb": "Update",
                    "object_id": "112202",
                    "author_id": "110044",
                    "author_handle": "mia@garden.example",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775117730250000,
                    "happened": 1775120400000000,
                    "text": "@lanternshop never mind, found it",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/112202",
                    "language": "en",
                    "mentions": ("lanternshop",),
                    "author_followers": -1,
                },
            ],
            "favourite": [
                {
                    "verb": "Like",
                    "object_id": "112300",
                    "author_id": "110044",
                    "author_handle": "mia@garden.example",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775117730250000,
                    "happened": 1775117731000000,
                    "visibility": "public",
                    "author_followers": -1,
                }
            ],
            "follow": [],
            "mention": [
                {
                    "verb": "Create",
                    "object_id": "112200",
                    "author_id": "110044",
                    "author_handle": "mia@garden.example",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775117730250000,
                    "happened": 1775117730250000,
                    "text": """\
@lanternshop my lantern came without its glass.
Can you help?\
""",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/112200",
                    "language": "en",
                    "media": (
                        Media(
                            url="https://media.example/31.webp",
                            media_type="image/*",
                            alt="A lantern with an empty frame",
                            blurhash="UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
                        ),
                    ),
                    "mentions": ("lanternshop",),
                    "author_followers": -1,
                }
            ],
            "own_status": [
                {
                    "verb": "Create",
                    "object_id": "112301",
                    "author_id": "9",
                    "author_handle": "lanternshop",
                    "author_name": "Lantern Shop",
                    "author_kind": "Person",
                    "own": True,
                    "published": 1775117730250000,
                    "happened": 1775117730250000,
                    "text": "Glass is on its way. See https://shop.example/track/L-2041",
                    "in_reply_to": "112200",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/112301",
                    "language": "en",
                    "author_followers": -1,
                }
            ],
            "stream_delete": [
                {
                    "verb": "Delete",
                    "object_id": "112202",
                    "author_kind": "Person",
                    "visibility": "public",
                    "author_followers": -1,
                }
            ],
        }
    )


def test_webhook() -> None:
    assert read("webhook") == snapshot(
        {
            "batch": [
                {
                    "verb": "Create",
                    "object_id": "https://garden.example/notes/5",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "published": 1775117730000000,
                    "happened": 1775117730000000,
                    "text": "My lantern came without its glass.",
                    "conversation": "https://garden.example/contexts/5",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/5",
                    "media": (
                        Media(
                            url="https://media.example/31.webp",
                            media_type="image/webp",
                            alt="A lantern with an empty frame",
                            blurhash="",
                        ),
                    ),
                    "mentions": ("lanternshop@social.example",),
                    "author_followers": -1,
                },
                {
                    "verb": "Delete",
                    "object_id": "https://garden.example/notes/5",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "happened": 1775117731000000,
                    "visibility": "public",
                    "author_followers": -1,
                },
            ],
            "event": [
                {
                    "verb": "Create",
                    "object_id": "https://garden.example/notes/5",
                    "author_id": "https://garden.example/users/mia",
                    "author_handle": "mia",
                    "author_kind": "Person",
                    "published": 1775117730000000,
                    "happened": 1775117730000000,
                    "text": "My lantern came without its glass.",
                    "conversation": "https://garden.example/contexts/5",
                    "visibility": "public",
                    "url": "https://garden.example/@mia/5",
                    "media": (
                        Media(
                            url="https://media.example/31.webp",
                            media_type="image/webp",
                            alt="A lantern with an empty frame",
                            blurhash="",
                        ),
                    ),
                    "mentions": ("lanternshop@social.example",),
                    "author_followers": -1,
                }
            ],
        }
    )


def test_x() -> None:
    assert read("x") == snapshot(
        {
            "edited": [
                {
                    "verb": "Create",
                    "object_id": "2039627812000000001",
                    "author_id": "20020020",
                    "author_handle": "mia_moss",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775120139490000,
                    "happened": 1775120139490000,
                    "text": "@lanternshop sorry, found the glass",
                    "conversation": "2039627812000000001",
                    "visibility": "public",
                    "url": "https://x.com/mia_moss/status/2039628300000000002",
                    "language": "en",
                    "author_followers": -1,
                },
                {
                    "verb": "Update",
                    "object_id": "2039627812000000001",
                    "author_id": "20020020",
                    "author_handle": "mia_moss",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775120139490000,
                    "happened": 1775117846000000,
                    "text": "@lanternshop sorry, found the glass",
                    "conversation": "2039627812000000001",
                    "visibility": "public",
                    "url": "https://x.com/mia_moss/status/2039628300000000002",
                    "language": "en",
                    "author_followers": -1,
                },
            ],
            "event_delete": [
                {
                    "verb": "Delete",
                    "object_id": "2039630000000000003",
                    "author_id": "1001",
                    "author_kind": "Person",
                    "own": True,
                    "visibility": "public",
                    "author_followers": -1,
                }
            ],
            "event_encrypted": [
                {
                    "verb": "Create",
                    "object_id": "5b0c-made-up",
                    "author_id": "20020020",
                    "author_kind": "Person",
                    "published": 1775118500000000,
                    "happened": 1775118500000000,
                    "text": "[An encrypted message. X lets nobody but its own apps read it.]",
                    "conversation": "20020020:1001",
                    "visibility": "direct",
                    "author_followers": -1,
                }
            ],
            "event_mention": [
                {
                    "verb": "Create",
                    "object_id": "2039627812000000001",
                    "author_id": "20020020",
                    "author_handle": "mia_moss",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775117730000000,
                    "happened": 1775117730000000,
                    "text": "@lanternshop my lantern came without its glass & wick https://shop.example/orders/L-2041",
                    "conversation": "2039627812000000001",
                    "in_reply_to": "2039000000000000000",
                    "visibility": "public",
                    "url": "https://x.com/mia_moss/status/2039627812000000001",
                    "language": "en",
                    "media": (
                        Media(
                            url="https://images.example/77.jpg",
                            media_type="image/*",
                            alt="A lantern with an empty frame",
                            blurhash="",
                        ),
                    ),
                    "mentions": ("lanternshop",),
                    "author_followers": -1,
                }
            ],
            "event_message": [
                {
                    "verb": "Create",
                    "object_id": "2039631000000000004",
                    "author_id": "20020020",
                    "author_handle": "mia_moss",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775118490000000,
                    "happened": 1775118490000000,
                    "text": "my order is L-2041",
                    "conversation": "1001-20020020",
                    "visibility": "direct",
                    "author_followers": -1,
                }
            ],
            "event_message_photo": [
                {
                    "verb": "Create",
                    "object_id": "2039631000000000009",
                    "author_id": "20020020",
                    "author_handle": "mia_moss",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775118491000000,
                    "happened": 1775118491000000,
                    "text": "this is how it came",
                    "conversation": "1001-20020020",
                    "visibility": "direct",
                    "media": (
                        Media(
                            url="https://photos.example/1.1/dm/2039631000000000009/77.jpg",
                            media_type="image/*",
                            alt="",
                            blurhash="",
                        ),
                    ),
                    "author_followers": -1,
                }
            ],
            "mention": [
                {
                    "verb": "Create",
                    "object_id": "2039627812000000001",
                    "author_id": "20020020",
                    "author_handle": "mia_moss",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775117730000000,
                    "happened": 1775117730000000,
                    "text": "@lanternshop my lantern came without its glass & wick https://shop.example/orders/L-2041",
                    "conversation": "2039627812000000001",
                    "visibility": "public",
                    "url": "https://x.com/mia_moss/status/2039627812000000001",
                    "language": "en",
                    "media": (
                        Media(
                            url="https://images.example/77.jpg",
                            media_type="image/*",
                            alt="A lantern with an empty frame",
                            blurhash="",
                        ),
                    ),
                    "mentions": ("lanternshop",),
                    "author_followers": -1,
                }
            ],
            "message": [
                {
                    "verb": "Create",
                    "object_id": "2039631000000000004",
                    "author_id": "20020020",
                    "author_handle": "mia_moss",
                    "author_name": "Mia Moss",
                    "author_kind": "Person",
                    "published": 1775118490000000,
                    "happened": 1775118490000000,
                    "text": "my order is L-2041",
                    "conversation": "1001-20020020",
                    "visibility": "direct",
                    "author_followers": -1,
                }
            ],
            "reply": [
                {
                    "verb": "Create",
                    "object_id": "2039630000000000003",
                    "author_id": "1001",
                    "author_handle": "lanternshop",
                    "author_name": "Lantern Shop",
                    "author_kind": "Person",
                    "own": True,
                    "published": 1775118252000000,
                    "happened": 1775118252000000,
                    "text": "@mia_moss The glass is on its way",
                    "conversation": "2039627812000000001",
                    "in_reply_to": "2039627812000000001",
                    "visibility": "public",
                    "url": "https://x.com/lanternshop/status/2039630000000000003",
                    "language": "en",
                    "author_followers": -1,
                }
            ],
        }
    )
