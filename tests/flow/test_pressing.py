"""Messages that have to be answered sooner bring a running promise forward, by the quick way as by folding again."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flow.parish import START, Parish, post
from tests.flow.promising import promise, told
from tests.flow.test_pipeline_way import _TABLES
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import recompute
from townhall.kernel.clock import DAY

pytestmark = pytest.mark.database
WORDS = {"calm": "when?", "fire": "there is fire!", "ours": "We come."}
WITHIN = {"calm": 240, "fire": 20}


@pytest.fixture
def parish(module_database: Database) -> Iterator[Parish]:
    with connect(module_database.dsn("worker")) as connection:
        made = Parish(module_database, connection)
        promise(
            made,
            "{first_response: 4h, next_response: 4h}",
            urgent="{first_response: 20m, next_response: 20m}",
        )
        yield made


def by_hand(said: list[tuple[int, str]]) -> list[str]:
    """What each promise should be, from the rule alone: (minute, who and how) in, lines out."""
    made: list[list[int]] = []
    lines, answered = [], False
    for minute, how in said:
        if how == "ours":
            for start, due in made:
                lines.append(_line(answered, start, due, f"{'met' if minute <= due else 'late'} {minute}"))
            made, answered = [], answered or bool(lines)
        elif made:
            made[0][1] = min(made[0][1], minute + WITHIN[how])
        else:
            made = [[minute, minute + WITHIN[how]]]
    return lines + [_line(answered, start, due, "open") for start, due in made]


def _line(answered: bool, start: int, due: int, end: str) -> str:
    return f"{'next' if answered else 'first'}_response {start}>{due} {end}"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(1, 90), st.sampled_from(sorted(WORDS)), st.booleans()), min_size=1, max_size=9
    )
)
def test_a_promise_is_due_when_its_most_pressing_message_is(
    parish: Parish, module_database: Database, steps: list[tuple[int, str, bool]]
) -> None:
    with connect(module_database.dsn("owner")) as owner:
        owner.execute(f"TRUNCATE {', '.join(_TABLES)}")
    said: list[tuple[int, str]] = []
    for gap, how, last_of_batch in steps:
        said.append(((said[-1][0] if said else 0) + gap, how))
        who = "acme" if how == "ours" else "ines"
        parent = 1 if len(said) > 1 else 0
        parish.offer(
            [post(len(said), said[-1][0], who, WORDS[how], root=1, parent=parent, own=how == "ours")]
        )
        if last_of_batch:
            parish.work()
    parish.work()
    asked = [one for n, one in enumerate(said) if one[1] != "ours" or any(h != "ours" for _, h in said[:n])]
    assert told(parish) == by_hand(asked)
    _folding_agrees(parish)


def _folding_agrees(parish: Parish) -> None:
    conn, now, found = parish.connection, START + DAY, recompute.Found()
    for ids in recompute.chunks(conn, parish.brand.id):
        recompute.reckon(conn, recompute.book(conn), ids, found, 0, now, dry=True)
    assert found.changes == []
    assert parish.rows(
        "SELECT due_minute, metric, sum(made), sum(met), sum(late) FROM rollup_promise GROUP BY 1, 2"
        " HAVING sum(made) <> 0 ORDER BY 1, 2"
    ) == parish.rows(
        "SELECT date_trunc('minute', due_at), metric, count(*), count(*) FILTER (WHERE satisfied_at <= due_at),"
        " count(*) FILTER (WHERE satisfied_at > due_at) FROM commitment GROUP BY 1, 2 ORDER BY 1, 2"
    )
