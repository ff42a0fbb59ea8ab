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
    return {name: [stated(one) for one in CHANNELS[kind].parse(raw, ACCOUNTS[kind])] for name, raw in samples(kind)}


def stated(activity: Activity) -> dict[str, object]:
    """The fields that say something, so that a new field with a default changes nothing here."""
    return {name: value for name, value in msgspec.structs.asdict(activity).items() if value}


@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_every_network_has_samples_that_it_reads(kind: str) -> None:
    assert len(read(kind)) >= 2


def test_activitystreams() -> None:
    assert read("activitystreams") == snapshot()


def test_mastodon() -> None:
    assert read("mastodon") == snapshot()


def test_webhook() -> None:
    assert read("webhook") == snapshot()


def test_x() -> None:
    assert read("x") == snapshot()
