"""Write a batch: every table once, set-based and sorted, rollups and the record last."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec
from psycopg import Connection

from townhall import journal
from townhall.analytics import store as analytics
from townhall.care import bulk as care
from townhall.care import escalations
from townhall.flow import clocks, facts, index, rows
from townhall.flow.batch import Act, Arrival, Plan
from townhall.flow.decide import row
from townhall.flow.house import House
from townhall.intake import store as intake
from townhall.kernel.clock import Instant
from townhall.kernel.fact import encode
from townhall.kernel.ids import Snowflake
from townhall.people import identities
from townhall.policy.logic import Context
from townhall.routing import store as routing

_json = msgspec.json.Encoder().encode


def write_posts(
    connection: Connection[Any],
    house: House,
    arrivals: Sequence[Arrival],
    contexts: Sequence[Context | None],
    plan: Plan,
    now: Instant,
) -> tuple[int, list[bytes]]:
    """Posts, authors, threads, cases and promises. Returns the reserved block and the facts so far."""
    block = journal.reserve(connection)
    judged = [context for context in contexts if context is not None]
    kept = 0
    hashes: list[str] = []
    if judged:
        kept, hashes = journal.keep(connection, house.keys.kek, "judged", [_json(c) for c in judged])
    found: list[bytes] = []
    wide: list[tuple[Any, ...]] = []
    place = 0
    for arrival, context in zip(arrivals, contexts, strict=True):
        policy = house.policy_ids.get(arrival.block.brand_id, 0)
        wide.append(row(arrival, policy, block, len(found)))
        found.append(facts.received(arrival))
        if context is not None:
            found.append(facts.judged(arrival, now, policy, kept, place, hashes[place]))
            place += 1
    intake.LEDGER.write(connection, plan.ledger)
    identities.add(connection, [plan.identities[id] for id in sorted(plan.identities)])
    rows.INTERACTIONS.write(connection, wide)
    index.leave(connection, arrivals)
    care.add_threads(connection, plan.threads, plan.grown)
    care.join_threads(connection, plan.joins)
    return block, found


def write_cases(connection: Connection[Any], plan: Plan) -> None:
    """New and changed cases, new and kept promises."""
    care.CASES.write(connection, [_case_row(case, plan) for case in plan.cases if case.fresh])
    care.change_cases(connection, [case for case in plan.cases if not case.fresh])
    escalations.leave(connection, plan.escalated)
    routing.COMMITMENTS.write(connection, list(plan.commitments.values()))
    routing.bring_forward(connection, [(id, due) for id, (*_, due) in plan.pressed.items()])
    routing.satisfy(connection, [(id, at, by) for id, at, by, _ in plan.satisfied])


def write_refolded(
    connection: Connection[Any], house: House, ids: Snowflake, plan: Plan, now: Instant
) -> list[bytes]:
    """Folds again what came out of order, and takes its differences into the plan's rollups."""
    if not plan.refold:
        return []
    result = clocks.refold(connection, house.book, ids.one, sorted(plan.refold), now)
    changed = result.counted()
    for held, extra in ((plan.promises, changed.promises), (plan.answers, changed.answers)):
        for key, counts in extra.items():
            mine = held.setdefault(key, [0] * len(counts))
            for place, change in enumerate(counts):
                mine[place] += change
    return [encode(fact) for fact in facts.of_refolding(result, now)]


def write_rollups(connection: Connection[Any], worker: int, plan: Plan) -> None:
    """This worker's own rows."""
    analytics.add_volume(connection, worker, [(*key, *counts) for key, counts in plan.volumes.items()])
    analytics.add_promises(
        connection, worker, [(*key, *counts) for key, counts in plan.promises.items() if any(counts)]
    )
    analytics.add_answers(
        connection, worker, [(*key, *counts) for key, counts in plan.answers.items() if any(counts)]
    )


def write_acts(
    connection: Connection[Any], acts: Sequence[Act], homes: dict[bytes, tuple[int, int]]
) -> tuple[list[bytes], set[int]]:
    """Folds edits, deletions and counts into their posts; keeps those whose post has not come.

    ``homes``: ledger key → (interaction, thread). Returns facts and the threads whose clocks a deletion touches.
    """
    here = [act for act in acts if act.target in homes]
    early = [act for act in acts if act.target not in homes]
    apply_acts(connection, [(homes[act.target][0], act.at, act.act) for act in here])
    for act in here:
        if act.act.verb == "Update":
            index.leave_edited(connection, act.block.brand_id, homes[act.target][0], act.act.text)
    intake.keep_acts(
        connection, [(act.target, act.block.account_id, act.at, _json(act.act)) for act in early]
    )
    intake.LEDGER.write(connection, [(act.key, homes.get(act.target, (0, 0))[0], 0) for act in acts])
    touched = {homes[act.target][1] for act in here if act.act.verb == "Delete"}
    return [facts.folded(act, homes.get(act.target, (0, 0))[0]) for act in acts], touched


def apply_acts(connection: Connection[Any], acts: Sequence[tuple[int, Instant, Any]]) -> None:
    """Applies (interaction, when, activity) in order of time."""
    ordered = sorted(acts, key=lambda entry: (entry[0], entry[1]))
    edits = [
        (id, at, act.text, _json(act.media) if act.media else None)
        for id, at, act in ordered
        if act.verb == "Update"
    ]
    counts: dict[int, tuple[int, int]] = {}
    for id, _, act in ordered:
        likes, reposts = counts.get(id, (0, 0))
        if act.verb == "Like":
            counts[id] = likes + 1, reposts
        elif act.verb == "Announce":
            counts[id] = likes, reposts + 1
    rows.edit(connection, edits)
    deletions = [(id, at) for id, at, act in ordered if act.verb == "Delete"]
    if deletions:
        rows.delete(connection, deletions)
    if counts:
        rows.count(connection, counts)


def _case_row(case: Any, plan: Plan) -> tuple[Any, ...]:
    reason, snippet, language = plan.case_words[case.id]
    return (
        case.id, case.brand, case.account, case.thread, case.customer, case.state, case.priority, case.queue,
        reason, snippet, language, case.posts, plan.opened[case.id], case.last_in, case.last_out or None,
        case.latest_post, case.metric, case.due or None, case.folded,
    )  # fmt: skip


def seal_facts(connection: Connection[Any], block: int, *groups: Sequence[bytes]) -> int:
    """The last statement before the commit. Returns how many facts the block holds."""
    blobs = list(chain.from_iterable(groups))
    journal.append_encoded(connection, blobs, block)
    return len(blobs)
