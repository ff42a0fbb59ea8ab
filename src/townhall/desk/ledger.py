"""The promise ledger of one case: every promise, each event that touched it, and what that did to the deadline.

Events come with the deadlines that the clocks' own folding gives; where the stored deadline is another (a page in between,
an undone act), the ledger says that it was moved.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from psycopg import Connection

from townhall.database.instants import reader
from townhall.desk import conversation_sql as sql
from townhall.desk import snippets
from townhall.desk.clocks import timetables
from townhall.desk.conversation import promise_view
from townhall.desk.history import actor_name
from townhall.desk.views.conversation import PromiseView
from townhall.desk.views.ledger import LedgerEntry, LedgerView, Pause, Step, StepKind, Turn
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.routing.logic.course import first_and_final

_ACTS: dict[str, StepKind] = {
    "customer": "wrote", "pause": "paused", "resume": "resumed", "submit": "submitted", "approve": "approved",
    "assign": "assigned", "queue": "queued", "delete": "deleted", "reopen": "reopened", "close": "closed",
}  # fmt: skip


def ledger(
    conn: Connection[Any], brand: int, case_id: int, now: Instant, turns: Sequence[Turn] = ()
) -> LedgerView:
    """The ledger of a case whose events are ``turns``, in order. Raises ``NotFound``. Eight queries, whatever it holds."""
    row = sql.case(conn, brand, case_id)
    if row is None:
        raise NotFound("That case does not exist.")
    hours, names = timetables(conn, brand), sql.staff_names(conn, brand)
    promises = sql.promises(conn, case_id)
    held = min((r[5] for r in sql.releases(conn, case_id, 20, now) if r[2] == "held"), default=0)
    alarms = _alarms(conn, [p[0] for p in promises])
    posts = _posts(conn, [p[11] for p in promises])
    person = sql.identities(conn, row[15])
    entries = []
    for raw in promises:
        view = promise_view(raw, held, now, hours)
        text, rule, policy = posts.get(raw[11], ("", "", 0))
        until = _end(view) or now
        own = [turn for turn in turns if view.started_at <= turn.at <= until]
        steps = _steps(view, raw[11], own, alarms[raw[0]], names)
        entries.append(LedgerEntry(view, steps, tuple(pauses(own, until)), text, rule, policy))
    name, handle = (person[0][3], person[0][2]) if person else ("", "")
    solved = [
        (one.promise.started_at, one.promise.satisfied_at)
        for one in entries
        if one.promise.metric == "resolution"
    ]
    return LedgerView(case_id, name, handle, tuple(entries), now, *first_and_final(solved))


def _steps(
    view: PromiseView,
    post: int,
    turns: Sequence[Turn],
    alarms: Sequence[tuple[StepKind, Instant]],
    names: Mapping[int, str],
) -> tuple[Step, ...]:
    """The events of one promise, in order of time, each with the deadline it led to where that is another than before."""
    mine = (view.metric, view.started_at)
    due = next((turn.due[mine] for turn in turns if mine in turn.due), view.due_at)
    steps = [Step(view.started_at, "asked", due=due, post=post)]
    for turn in turns:
        now_due = turn.due.get(mine, due)
        if turn.kind in _ACTS and not (turn.kind == "customer" and turn.post == post):
            cause = turn.cause if turn.kind in ("pause", "resume", "queue") else ""
            steps.append(
                Step(turn.at, _ACTS[turn.kind], _who(turn.by, names), cause, now_due if now_due != due else 0)
            )
        due = now_due
    steps += [Step(at, kind) for kind, at in alarms]
    if due != view.due_at:
        steps.append(Step(max(step.at for step in steps), "moved", due=view.due_at))
    if view.satisfied_at:
        steps.append(Step(view.satisfied_at, "answered", by=_who(view.satisfied_by, names)))
    elif view.cancelled_at:
        steps.append(Step(view.cancelled_at, "ended", cause=view.cause))
    return tuple(sorted(steps, key=lambda step: step.at))


def pauses(turns: Sequence[Turn], until: Instant) -> Iterator[Pause]:
    """How long the promise waited for each cause."""
    began: dict[str, Instant] = {}
    lengths: dict[str, Instant] = defaultdict(int)
    for turn in turns:
        if turn.kind == "pause":
            began.setdefault(turn.cause, turn.at)
        elif turn.kind == "resume":
            for cause in [turn.cause] if turn.cause else list(began):
                lengths[cause] += turn.at - began.pop(cause, turn.at)
    for cause, length in lengths.items():
        if length:
            yield Pause(cause, length, False)
    for cause, at in began.items():
        yield Pause(cause, until - at, True)


def _end(view: PromiseView) -> Instant:
    return view.satisfied_at or view.cancelled_at


def _who(by: str, names: Mapping[int, str]) -> str:
    """Whose act it was: a colleague's, a program's; nothing for a post sent outside or the house itself."""
    return "" if not by or by == "outside" or by.startswith("post/") else actor_name(by, names)


def _alarms(conn: Connection[Any], promises: Sequence[int]) -> dict[int, list[tuple[StepKind, Instant]]]:
    """The levels that were told of these promises or passed over, as kinds of steps; not those that wait."""
    found: dict[int, list[tuple[StepKind, Instant]]] = defaultdict(list)
    for promise, level, at, passed in reader(conn).execute(
        "SELECT commitment_id, level, coalesce(raised_at, passed_over_at) AS at, raised_at IS NULL FROM alarm"
        " WHERE commitment_id = ANY(%s) AND coalesce(raised_at, passed_over_at) IS NOT NULL ORDER BY at, level",
        [list(promises)],
    ):
        found[promise].append(("unwarned" if passed else "missed" if level == "missed" else "warned", at))
    return found


def _posts(conn: Connection[Any], ids: Sequence[int]) -> dict[int, tuple[str, str, int]]:
    """What was asked, and the rule and policy version that promised an answer: post → (text, rule, version)."""
    rows = reader(conn).execute(
        f"SELECT id, left({snippets.said('')}, 240), rule, policy_id FROM interaction WHERE id = ANY(%s)",
        [list(ids)],
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}
