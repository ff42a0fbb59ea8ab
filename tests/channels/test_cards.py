"""The cards are what the documentation says, and what the adapters do."""

from pathlib import Path

import pytest

from townhall.channels import CHANNELS
from townhall.channels.cards import main, pages
from townhall.channels.port import AccountRef, AccountSettings, Outgoing
from townhall.kernel.clock import from_iso
from townhall.kernel.errors import BadSetting, Refused

DOCS = Path(__file__).parents[2] / "docs" / "channels"
SETTINGS = AccountSettings(
    account=AccountRef(1, "shop", "1001"),
    base_url="http://127.0.0.1:9",
    token="very-secret",
    secret="very-secret",
)


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_documentation_is_the_card(name: str) -> None:
    assert (DOCS / name).read_text() == pages()[name], "run: python -m townhall.channels.cards docs/channels"


def test_no_page_is_left_over(tmp_path: Path) -> None:
    main(str(tmp_path))
    assert {page.name for page in DOCS.glob("*.md")} == {page.name for page in tmp_path.iterdir()}


@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_every_card_is_whole(kind: str) -> None:
    card = CHANNELS[kind].card
    assert card.kind == kind
    assert card.proof and card.guarantee_note and card.tested_against and card.cost_note and card.length_rule
    assert from_iso(f"{card.tested_on}T00:00:00Z") > 0
    assert CHANNELS[kind].length("hello") == 5
    assert ("direct message" in card.writes) == card.private_reply


@pytest.mark.parametrize("kind", sorted(CHANNELS))
async def test_every_adapter_refuses_what_was_not_decided(kind: str) -> None:
    client = CHANNELS[kind].make_client(SETTINGS, lambda: 0)
    with pytest.raises(Refused, match="without a decision"):
        await client.send(Outgoing(decision_id="", idempotency_key="k", account_id=1, text="Hello"))
    await client.close()


@pytest.mark.parametrize("kind", ["mastodon", "x"])
@pytest.mark.parametrize("address", ["ftp://x.example", "https://", "x.example", "http://x.example:port"])
def test_a_wrong_address_is_named(kind: str, address: str) -> None:
    wrong = AccountSettings(account=SETTINGS.account, base_url=address)
    with pytest.raises(BadSetting, match="base_url"):
        CHANNELS[kind].make_client(wrong, lambda: 0)


def test_secrets_are_not_printed() -> None:
    assert "very-secret" not in repr(SETTINGS) and "very-secret" not in str(SETTINGS)
