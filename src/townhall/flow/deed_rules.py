"""What the policy decides about posts on their network: hide or report. Written down in the batch that judged them.

Only for posts that came just now: what came in as history, or from a file, is left as it is.
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall.channels import CHANNELS
from townhall.desk import deed_place
from townhall.desk.deed_place import DeedPlace
from townhall.flow.batch import Arrival
from townhall.flow.danger import kinds
from townhall.flow.deeds import fact_of_deed, made
from townhall.flow.house import House
from townhall.flow.outbound_gather import OBSERVE_ONLY
from townhall.kernel.clock import Instant
from townhall.kernel.fact import encode
from townhall.outbound.logic.deed import ACT_WITHIN
from townhall.outbound.store import deeds
from townhall.outbound.store.deeds import Deed

ACTOR = "system/policy"
_EFFECTS = frozenset({"hide", "report"})


def of_rules(conn: Connection[Any], house: House, arrivals: Sequence[Arrival], now: Instant) -> list[bytes]:
    """Writes down what is to be done about these judged posts; gives the facts. Nothing where nothing is."""
    due = [a for a in arrivals if _is_due(a, now)]
    if not due:
        return []
    outlets = deed_place.outlets(conn, {a.block.account_id for a in due})
    fresh = [_deed(house, arrival, *outlets[arrival.block.account_id], now) for arrival in due]
    kept = [replace(deed, id=id) for deed, id in zip(fresh, deeds.add(conn, fresh), strict=True) if id]
    names = {"left": "left", "held": "held"}
    return [encode(fact_of_deed(names.get(deed.state, "wanted"), deed, ACTOR, now)) for deed in kept]


def _is_due(arrival: Arrival, now: Instant) -> bool:
    verdict = arrival.verdict
    assert verdict is not None
    fresh = now - arrival.at <= ACT_WITHIN and not arrival.block.run_id
    return fresh and verdict.effect in _EFFECTS and not arrival.act.own


def _deed(house: House, arrival: Arrival, brand_state: str, base_url: str, now: Instant) -> Deed:
    verdict, act, block = arrival.verdict, arrival.act, arrival.block
    assert verdict is not None and arrival.enriched is not None
    account = house.accounts[block.account_id]
    place = DeedPlace(
        block.brand_id, brand_state, arrival.thread, block.account_id, account.channel, account.handle, base_url,
        True, arrival.id, act.object_id, act.author_id, act.own, False, verdict.rule,
        house.policy_ids.get(block.brand_id, 0), tuple(map(frozenset, verdict.approvals)),
    )  # fmt: skip
    left = CHANNELS[account.channel].card.why_not(verdict.effect, base_url)
    if not left and brand_state != "live":
        left = OBSERVE_ONLY
    return made(
        place, verdict.effect, place.steps, now, reason=verdict.reason, actor=ACTOR, rule=verdict.rule, left=left,
        category=_category(kinds(arrival.enriched, arrival.danger)) if verdict.effect == "report" else "",
    )  # fmt: skip


def _category(found: Sequence[str]) -> str:
    """What a report is for, by what was found in the post."""
    return "spam" if "spam" in found else "violation" if "abuse" in found else "other"
