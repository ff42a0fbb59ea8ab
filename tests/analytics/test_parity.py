"""What the pipeline and people add to the rollups, against what the stored rows say: one count, kept two ways."""

import random
from typing import Any

import pytest
from psycopg import Connection

from tests.flow.parish import MINUTE, START, Parish, act, post
from townhall.analytics.logic.promises import Counted, deltas
from townhall.database import Database
from townhall.flow import cases as verbs
from townhall.kernel.errors import TownhallError
from townhall.people.doors import Asker

pytestmark = pytest.mark.database


SAID = (
    "Is anybody there?",
    "hm",
    "ok then",
    "Great, thank you!",
    "Terrible, still broken.",
    "The train leaves at ten",
)
"""Of every feeling, and some of which nobody could be sure."""


def stored(conn: Connection[Any]) -> list[Counted]:
    rows = conn.execute(
        "SELECT brand_id, metric, extract(epoch FROM started_at) * 1e6, extract(epoch FROM due_at) * 1e6,"
        " coalesce(extract(epoch FROM satisfied_at) * 1e6, 0), coalesce(extract(epoch FROM cancelled_at) * 1e6, 0), cause, queue"
        " FROM commitment"
    ).fetchall()
    return [Counted(r[0], r[1], *(int(n) for n in r[2:6]), r[6], r[7]) for r in rows]


def agree(conn: Connection[Any]) -> int:
    """Asserts that every rollup says what the rows say. Gives how many promises there are."""
    everything = stored(conn)
    again = deltas([], everything)
    kept = conn.execute(
        "SELECT (extract(epoch FROM due_minute) * 1e6)::bigint, brand_id, metric, queue, sum(made)::int, sum(met)::int,"
        " sum(late)::int, sum(cancelled)::int, sum(dropped)::int FROM rollup_promise GROUP BY 1, 2, 3, 4"
    ).fetchall()
    assert sorted(row for row in kept if any(row[4:])) == sorted(again.promise_rows())
    kept = conn.execute(
        "SELECT metric, queue, sum(waiting)::int FROM rollup_waiting GROUP BY 1, 2 HAVING sum(waiting) <> 0 ORDER BY 1, 2"
    ).fetchall()
    assert (
        kept
        == conn.execute(
            "SELECT c.metric, k.queue, count(*)::int FROM commitment c JOIN cases k ON k.id = c.case_id"
            " WHERE coalesce(c.satisfied_at, c.cancelled_at) IS NULL GROUP BY 1, 2 ORDER BY 1, 2"
        ).fetchall()
    ), "what waits, waits where its case does"
    kept = conn.execute(
        "SELECT (extract(epoch FROM started_slot) * 1e6)::bigint, brand_id, bucket::int, sum(answers)::int,"
        " sum(given_up)::int FROM rollup_answer_slot GROUP BY 1, 2, 3"
    ).fetchall()
    assert sorted(row for row in kept if any(row[3:])) == sorted(again.answer_rows())
    posts = conn.execute(
        "SELECT date_trunc('minute', published_at), account_id, count(*)::int, count(*) FILTER (WHERE direction = 'in')::int,"
        " count(*) FILTER (WHERE direction = 'out')::int, count(*) FILTER (WHERE direction = 'in' AND question)::int,"
        " count(*) FILTER (WHERE direction = 'in' AND sentiment < 0 AND certainty >= 0.5)::int,"
        " count(*) FILTER (WHERE direction = 'in' AND sentiment > 0 AND certainty >= 0.5)::int,"
        " count(*) FILTER (WHERE direction = 'in' AND certainty < 0.5)::int FROM interaction GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    volume = conn.execute(
        "SELECT minute, account_id, sum(received)::int, sum(inbound)::int, sum(outbound)::int, sum(questions)::int,"
        " sum(negative)::int, sum(positive)::int, sum(unsure)::int FROM rollup_volume GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    assert volume == posts
    return len(everything)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_incremental_counts_equal_recomputation(
    database: Database, worker: Connection[Any], web: Connection[Any], seed: int
) -> None:
    chance = random.Random(seed)
    parish = Parish(database, worker, batch=7)
    talk, number = [], 0
    for root in range(1, 9):
        minute = chance.randrange(300)
        for turn in range(chance.randrange(1, 6)):
            number += 1
            minute += chance.choice([1, 20, 90, 200])
            own = turn > 0 and chance.random() < 0.5
            talk.append(
                post(
                    number,
                    minute,
                    "acme" if own else f"p{root}",
                    root=root,
                    own=own,
                    parent=number - 1 if turn else 0,
                    text=chance.choice(SAID),
                )
            )
        if chance.random() < 0.4:
            talk.append(act("Delete", number, minute + 1, f"p{root}"))
    chance.shuffle(talk)
    for start in range(0, len(talk), 5):
        parish.take(*talk[start : start + 5])
        agree(worker)
    told = worker.execute("SELECT sum(negative), sum(positive), sum(unsure) FROM rollup_volume").fetchone()
    assert told and all(told), "some of each"
    _people(worker, web, parish, chance)
    assert agree(worker) > 5


def _people(worker: Connection[Any], web: Connection[Any], parish: Parish, chance: random.Random) -> None:
    """People close, reopen, merge and undo, while posts go on coming."""
    web.execute("SELECT set_config('townhall.brand', %s, false)", [str(parish.brand.id)])
    ann = Asker(
        staff_id=7, name="Ann", brand_id=parish.brand.id, brand_slug="acme", roles=frozenset({"agent"})
    )
    changes: list[int] = []
    now = START + 700 * MINUTE
    for turn in range(24):
        ids = [row[0] for row in worker.execute("SELECT id FROM cases ORDER BY id").fetchall()]
        case, now = chance.choice(ids), now + MINUTE
        try:
            with web.transaction():
                if chance.random() < 0.3:
                    changes.append(verbs.move(web, ann, case, chance.choice(["care", "billing"]), now).change)
                elif changes and chance.random() < 0.3:
                    verbs.undo(web, ann, chance.choice(changes), now)
                elif chance.random() < 0.4:
                    changes.append(verbs.close(web, ann, case, now).change)
                elif chance.random() < 0.5:
                    changes.append(verbs.reopen(web, ann, case, now).change)
                else:
                    changes.append(verbs.merge(web, ann, case, chance.choice(ids), now).change)
        except TownhallError:
            pass
        agree(worker)
        if turn % 6 == 5:
            parish.now = now
            parish.take(post(1000 + turn, 700 + turn, f"p{turn % 8 + 1}", root=turn % 8 + 1))
            agree(worker)
    assert changes
