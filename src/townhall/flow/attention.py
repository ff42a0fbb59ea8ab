"""What needs somebody, proposed from the figures every few seconds: at most three things, each with an owner."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.analytics import attention as store
from townhall.analytics.logic.attention import Situation, concerns
from townhall.analytics.logic.rise import ALL, Rise, told_once
from townhall.care import notices
from townhall.care.notices import Telling
from townhall.desk import duty
from townhall.desk.doubts import doubts
from townhall.desk.live import channel_health, figure
from townhall.desk.nights import differing_verdicts
from townhall.desk.views.live import Figure
from townhall.kernel.clock import MINUTE, Instant
from townhall.kernel.errors import Conflict
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

OWNERS = ("lead",)


def propose(conn: Connection[Any], brand: int, now: Instant, rising_now: Sequence[Rise] = ()) -> int:
    """Raises, rewords and ends what needs somebody at a brand, what rises (of its volumes and topics) among them. Gives how many things
    stand now."""
    standing = store.standing(conn, brand)
    rises = told_once(rising_now, standing.keys())
    wanted = concerns(_situation(conn, brand, now, rises))
    owners = duty.with_role(conn, brand, OWNERS) if wanted else []
    names = duty.names(conn, owners[:1])
    facts = []
    for concern in wanted:
        held = standing.pop((concern.kind, concern.subject), None)
        if held is None:
            id = store.raise_concern(conn, brand, concern, names.get(owners[0], "") if owners else "", now)
            facts.append(_fact("raised", brand, id, now, kind=concern.kind))
            _tell(conn, brand, owners[:1], concern.kind, concern.subject, concern.sentence, now)
        elif held[1] != concern.sentence:
            store.reword(conn, held[0], concern.sentence)
    if standing:
        over = sorted(id for id, _ in standing.values())
        store.end(conn, over, now)
        facts += [_fact("ended", brand, id, now) for id in over]
    journal.append(conn, facts)
    return len(wanted)


def acknowledge(conn: Connection[Any], asker: Asker, attention_id: int, now: Instant) -> None:
    """The asker takes a thing that needs somebody. Raises ``Conflict`` when it is taken or over."""
    require(asker, "read_live")
    if not store.acknowledge(conn, asker.brand_id, attention_id, asker.name, now):
        raise Conflict("Somebody has taken that already, or it is over.")
    fact = _fact("acknowledged", asker.brand_id, attention_id, now, actor=asker.actor)
    journal.append(conn, [fact])


def _situation(conn: Connection[Any], brand: int, now: Instant, rises: Sequence[Rise]) -> Situation:
    def shown(name: str) -> Figure:
        return figure(conn, brand, name, now)

    health = channel_health(conn, brand, now)
    handles = {c.account_id: c.handle for c in health}
    today, soon, waiting, held = (shown(n) for n in ("promises_today", "will_be_missed", "waiting", "held"))
    unsure = doubts(conn, brand)
    return Situation(
        attained=today.value,
        due=today.denominator or 0,
        target=today.target or 0.0,
        soon=int(soon.value or 0),
        running_missed=int(dict(waiting.parts).get("missed", 0)),
        held=int(held.value or 0),
        held_minutes=int(dict(held.parts).get("oldest_minutes", 0)),
        topics=[(s.topic, s.phrase, s.reason, s.times) for s in rises if s.topic],
        channels=[(c.account_id, c.handle, c.state, max(0, now - c.since) // MINUTE) for c in health],
        surges=[(str(s.account), _whose(s, handles), s.reason, s.times) for s in rises if not s.topic],
        doubtful_replies=unsure.replies,
        doubtful_deeds=unsure.deeds,
        doubtful_minutes=max(0, now - unsure.oldest) // MINUTE,
        verdicts_differ=differing_verdicts(conn, brand),
    )


def _whose(rise: Rise, handles: Mapping[int, str]) -> str:
    """The account's handle; for a brand the accounts that rise with it, two of them by name."""
    if rise.account != ALL:
        return handles.get(rise.account, "")
    names = [handles[account] for account in rise.among if account in handles]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return f"All accounts ({', '.join(names[:2])}{more})" if names else "All accounts"


def _tell(
    conn: Connection[Any], brand: int, owners: list[int], kind: str, subject: str, sentence: str, now: Instant
) -> None:
    for staff in owners:
        notices.tell(
            conn, Telling(brand, staff, f"attention/{kind}", subject, sentence, "/figures/", True), now
        )


def _fact(word: str, brand: int, id: int, now: Instant, actor: str = "system", **data: Any) -> Fact:
    return Fact(
        type=f"townhall.attention.{word}",
        subject=f"attention/{id}",
        time=now,
        brand=brand,
        actor=actor,
        data=data,
    )
