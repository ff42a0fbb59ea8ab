"""What the demo firm's own system knows of a customer: made up from the name of their account, the same each time.

It answers the signed question of the panel beside a conversation, as a real system would.
"""

import base64
import json
import random
from typing import Any

from townhall.channels.webhook.signature import verify
from townhall.kernel.clock import DAY, Instant, to_iso
from townhall.kernel.errors import Refused

PATH = "/own-systems/customer"
NAME = "Contract and orders (demo)"
SECRET = "whsec_" + base64.b64encode(b"known to all, since it is a demo").decode()
"""Of a made-up system on loopback: it guards nothing."""
_UNKNOWN = 0.12
PLANS = (
    ("Fern S, 10 GB", "9.00"),
    ("Fern M, 40 GB", "15.00"),
    ("Fern L, no limit", "24.00"),
    ("Home fibre 250", "29.00"),
)
THINGS = (
    "Router",
    "Second SIM card",
    "Phone case",
    "Handset, 128 GB",
    "Wall socket adapter",
    "Mesh repeater",
)
STATES = ("delivered", "delivered", "on its way", "returned")


def answer(headers: dict[str, str], body: bytes, now: Instant) -> tuple[int, Any]:
    """Status and answer of one question."""
    try:
        verify(headers, body, [SECRET], now)
    except Refused as wrong:
        return 401, {"error": str(wrong)}
    accounts = json.loads(body)["data"]["identities"]
    handle = accounts[0]["handle"] if accounts else ""
    chance = random.Random(handle)  # noqa: S311  a story, not a secret
    if not handle or handle.endswith(".invalid") or chance.random() < _UNKNOWN:
        return 200, {"known": False}
    return 200, {"known": True, "state": "Demo", "sections": [_contract(chance, now), _orders(chance, now)]}


def _contract(chance: random.Random, now: Instant) -> dict[str, Any]:
    plan, monthly = chance.choice(PLANS)
    owed = "0.00" if chance.random() < 0.7 else monthly
    return {"title": "Contract", "rows": [
        {"kind": "text", "label": "Plan", "value": plan},
        {"kind": "money", "label": "A month", "value": monthly, "currency": "GBP"},
        {"kind": "money", "label": "Owed", "value": owed, "currency": "GBP"},
        {"kind": "moment", "label": "Since", "value": to_iso(now // DAY * DAY - chance.randint(40, 1500) * DAY)},
    ]}  # fmt: skip


def _orders(chance: random.Random, now: Instant) -> dict[str, Any]:
    rows: list[dict[str, str]] = []
    for age in sorted(chance.randint(1, 200) for _ in range(3)):
        number = f"FM-{chance.randint(100000, 999999)}"
        words = f"{chance.choice(THINGS)}, {chance.choice(STATES) if age > 4 else 'on its way'}"
        rows.append({"kind": "text", "label": number, "value": words})
    return {"title": "Last orders", "rows": rows}
