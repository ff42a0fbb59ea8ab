"""Gather, second half: which arrivals are new, and what the database knows around them. One query a question."""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from townhall.care import bulk as care
from townhall.care.bulk import OpenCase
from townhall.flow import rows
from townhall.flow.batch import Act, Arrival, Known, Plan
from townhall.flow.familiar import Familiar
from townhall.intake import store as intake
from townhall.kernel.ids import keyed_id
from townhall.people import identities
from townhall.routing import store as routing


def separate(
    connection: Connection[Any], arrivals: Sequence[Arrival], acts: Sequence[Act]
) -> tuple[list[Arrival], list[Act], dict[bytes, tuple[int, int]], int]:
    """New arrivals and acts, the ledger's answers, and how many were repeats."""
    asked = {a.key for a in arrivals} | {a.parent for a in arrivals if a.parent}
    asked |= {a.key for a in acts} | {a.target for a in acts}
    ledger = intake.ledger(connection, list(asked))
    seen: set[bytes] = set(ledger)
    fresh: list[Arrival] = []
    for arrival in arrivals:
        if arrival.key not in seen:
            seen.add(arrival.key)
            fresh.append(arrival)
    fresh_acts: list[Act] = []
    for act in acts:
        if act.key not in seen:
            seen.add(act.key)
            fresh_acts.append(act)
    repeats = len(arrivals) + len(acts) - len(fresh) - len(fresh_acts)
    return fresh, fresh_acts, ledger, repeats


def seen_again(arrivals: Sequence[Arrival], fresh: Sequence[Arrival]) -> list[tuple[int, str]]:
    """Posts of our own that came a second time, as (account, the network's id): the network shows them."""
    new = {id(arrival) for arrival in fresh}
    return [(a.block.account_id, a.act.object_id) for a in arrivals if a.act.own and id(a) not in new]


def place_in_threads(
    secret: bytes, arrivals: Sequence[Arrival], ledger: dict[bytes, tuple[int, int]]
) -> None:
    """Names each arrival's thread: the network's conversation, else its parent's thread, else its own."""
    here: dict[bytes, int] = {}
    for arrival in arrivals:
        act, account = arrival.act, str(arrival.block.account_id)
        if act.conversation:
            arrival.thread = keyed_id(secret, "thread", account, act.conversation)
        elif arrival.parent and (arrival.parent in ledger or arrival.parent in here):
            arrival.thread = ledger[arrival.parent][1] if arrival.parent in ledger else here[arrival.parent]
        else:
            arrival.thread = keyed_id(secret, "thread", account, act.in_reply_to or act.object_id)
        here[arrival.key] = arrival.thread


def know(
    connection: Connection[Any],
    arrivals: Sequence[Arrival],
    ledger: dict[bytes, tuple[int, int]],
    familiar: Familiar,
) -> Known:
    """Threads, authors, open cases and whom our own posts answer. Five queries, whatever the size."""
    threads = care.thread_states(connection, list({a.thread for a in arrivals}))
    unsure = familiar.unsure(a.author for a in arrivals)
    strangers = unsure - identities.known(connection, list(unsure)) if unsure else set()
    cases = care.open_cases(connection, list(threads)) if threads else {}
    running = routing.running(connection, [case.id for case in cases.values() if case.due])
    by_thread: dict[int, dict[int, OpenCase]] = {}
    for (thread, customer), case in cases.items():
        if case.id in running:
            case.commitment, case.metric, case.started, case.due = running[case.id]
        by_thread.setdefault(thread, {})[customer] = case
    answered = {a.parent: ledger[a.parent][0] for a in arrivals if a.act.own and a.parent in ledger}
    addressed = rows.authors(connection, answered)
    addressed.update({a.key: a.author for a in arrivals})
    return Known(ledger, threads, strangers, by_thread, addressed)


def find_joins(connection: Connection[Any], secret: bytes, arrivals: Sequence[Arrival], plan: Plan) -> None:
    """Threads that turn out to be one: a reply came first and had to name a thread after the post it answers."""
    candidates: dict[int, Arrival] = {}
    for arrival in arrivals:
        if arrival.parent and not arrival.act.conversation:
            own = keyed_id(secret, "thread", str(arrival.block.account_id), arrival.act.object_id)
            if own != arrival.thread:
                candidates[own] = arrival
    if not candidates:
        return
    stored = care.thread_states(connection, list(candidates))
    for own, arrival in candidates.items():
        if own in stored or own in plan.threads:
            evidence = f"interaction/{arrival.id} is the parent of one and answers in the other"
            plan.joins.append((arrival.block.brand_id, own, arrival.thread, evidence))
            plan.refold |= {own, arrival.thread}
