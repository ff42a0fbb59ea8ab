"""Clocks, folded again from all that happened: for threads whose posts came late, were taken back or joined, for cases whose
policy promises more than the quick way can follow, and for whatever people do to either.

The oracle of the quick way in ``decide``: the same promises must come out of both. Human verbs use it too, so
that a case has one account of its clocks, whoever moved them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.analytics.logic.promises import UNDONE, Counted, Deltas, deltas
from townhall.care import bulk as care
from townhall.care.bulk import OpenCase
from townhall.flow import history, rows
from townhall.flow.folding import Made, fold_case, stood
from townhall.flow.promised import Book
from townhall.kernel.clock import Instant
from townhall.outbound.store import passages
from townhall.people import tiers
from townhall.policy.logic.targets import RESPONSES
from townhall.routing import alarms, ledger, outages
from townhall.routing.ledger import Commitment

Fresh = Callable[[], int]
"""A new id."""


class Refolded(Struct):
    """What folding again changes. ``before`` and ``after`` pair up by id; a promise that was withdrawn has no ``after``."""

    before: list[Commitment] = []
    after: list[Commitment] = []
    cases: list[OpenCase] = []
    pauses: list[tuple[int, str]] = []
    levels: list[tuple[int, int, str, Instant]] = []
    """(commitment, brand, level, when) of levels at risk that a policy names."""

    def counted(self) -> Deltas:
        """What it adds to the rollups."""
        return deltas(map(counted, self.before), map(counted, self.after))

    def withdrawn(self) -> list[Commitment]:
        """Promises that stood only because posts came in the wrong order, and never were."""
        kept = {c.id for c in self.after}
        return [c for c in self.before if c.id not in kept]


def counted(c: Commitment) -> Counted:
    """A commitment as counting sees it."""
    return Counted(c.brand, c.metric, c.started, c.due, c.satisfied, c.cancelled, c.cause, c.queue)


def refold(
    connection: Connection[Any], book: Book, fresh: Fresh, threads: Sequence[int], now: Instant
) -> Refolded:
    """Folds the clocks of every unfinished case in these threads and writes promises and cases.

    The caller writes the rollups' differences and the facts. Ten queries, whatever the size.
    """
    return write(
        connection,
        work_out(connection, book, fresh, list(care.open_cases(connection, threads).values())),
        now,
    )


def refold_cases(
    connection: Connection[Any], book: Book, fresh: Fresh, cases: Sequence[int], now: Instant
) -> Refolded:
    """As ``refold`` for cases by id, closed ones too."""
    return write(connection, work_out(connection, book, fresh, care.cases_by_id(connection, cases)), now)


def histories(connection: Connection[Any], cases: Sequence[OpenCase]) -> list[history.Case]:
    """Everything known around these cases."""
    ids = [case.id for case in cases]
    posts = history.read_posts(rows.of_threads(connection, sorted({case.thread for case in cases})))
    acts, earlier = care.clock_events(connection, ids), care.earlier_closings(connection, ids)
    passed = passages.of_cases(connection, ids)
    broken = outages.of_accounts(connection, sorted({case.account for case in cases}))
    known = tiers.held_by(connection, sorted({case.customer for case in cases}))
    return [
        history.Case(
            case, posts.get(case.thread, []), acts.get(case.id, []), passed.get(case.id, []),
            broken.get(case.account, []), earlier.get(case.id, 0), known.get(case.customer, ()),
        )
        for case in cases
    ]  # fmt: skip


def fold(connection: Connection[Any], book: Book, held: history.Case, until: Instant = 0) -> list[Made]:
    """The promises of one case as its history says, up to a moment (0: all of it)."""
    brand, steps = held.case.brand, history.steps(held, until or 1 << 62)

    def by(counted: Instant) -> list[Made]:
        return fold_case(
            steps,
            lambda ask, at: book.terms(connection, ask, at, counted),
            lambda ask, at: book.terms(connection, ask, at, counted, honour_outages=True),
            lambda queue: book.hours.queues.get((brand, queue), ""),
            until,
        )

    made = by(0)
    begun = min((m.promise.started for m in made), default=until or 1 << 62)
    for moment in book.hours.counted_anew(brand, begun, until):
        made = stood(made, by(moment), moment)
    return made


def work_out(connection: Connection[Any], book: Book, fresh: Fresh, cases: Sequence[OpenCase]) -> Refolded:
    """What folding again would change; nothing is written."""
    result = Refolded()
    held = ledger.of_cases(connection, [case.id for case in cases])
    for one in histories(connection, sorted(cases, key=lambda case: case.id)):
        known = [c for c in held.get(one.case.id, []) if c.cause != UNDONE]
        _compare(one, fold(connection, book, one), known, fresh, result)
    return result


def write(connection: Connection[Any], result: Refolded, now: Instant) -> Refolded:
    """Writes promises, their levels at risk, and cases."""
    gone = result.withdrawn()
    ledger.write(connection, result.after)
    ledger.withdraw(connection, [c.id for c in gone])
    alarms.plan(connection, result.levels)
    alarms.cancel(connection, [c.id for c in (*result.after, *gone) if c in gone or not c.is_open()], now)
    care.change_cases(connection, [case for case in result.cases if not case.closed])
    care.put_clocks(connection, result.pauses)
    return result


def _compare(
    one: history.Case, made: Sequence[Made], held: Sequence[Commitment], fresh: Fresh, result: Refolded
) -> None:
    """Pairs what should be with what is, answers and each metric by itself, in order of start."""
    case, senders = one.case, {post.at: f"post/{post.id}" for post in one.posts if post.own}
    old: dict[str, list[Commitment]] = defaultdict(list)
    for commitment in held:
        old[_kind(commitment.metric)].append(commitment)
    now: list[Commitment] = []
    for m in made:
        queue = old[_kind(m.promise.metric)]
        before = queue.pop(0) if queue else None
        after = _as_row(case, m, before.id if before else fresh(), senders, before)
        now.append(after)
        if before != after:
            result.before += [before] if before else []
            result.after.append(after)
        result.levels += _levels(m, after) if after.is_open() else []
    result.before += [c for queue in old.values() for c in queue]
    _settle(one, now, result)


def _kind(metric: str) -> str:
    return "response" if metric in RESPONSES else metric


def _as_row(
    case: OpenCase, made: Made, identity: int, senders: dict[Instant, str], before: Commitment | None
) -> Commitment:
    p, terms = made.promise, made.terms
    by = senders.get(p.satisfied, before.satisfied_by if before else "") if p.satisfied else ""
    queue = before.queue if before and (p.satisfied or p.cancelled) else case.queue
    return Commitment(
        identity, case.brand, case.id, p.post, p.metric, before.priority if before else terms.priority, queue,
        made.target, terms.calendar, terms.policy, p.started, p.due, p.satisfied, by, p.cancelled, p.cause, p.paused,
        terms.version, p.spent, bool(terms.levels), made.strict, made.outage,
    )  # fmt: skip


def _levels(made: Made, row: Commitment) -> list[tuple[int, int, str, Instant]]:
    """When the levels that the policy names are reached, in working time before the deadline; none while it stands still."""
    if row.paused:
        return [(row.id, row.brand, level.name, 0) for level in made.terms.levels]
    table = made.terms.responses.timetable
    found = []
    for level in made.terms.levels:
        left = made.target - made.target * level.used // 100 if level.used else level.left
        run = table.working_between(row.started, row.due) - left
        found.append((row.id, row.brand, level.name, table.add_working(row.started, max(run, 0))))
    return found


def _settle(one: history.Case, promises: Sequence[Commitment], result: Refolded) -> None:
    """Brings the case's own line up to date with its posts and its running promises."""
    case = one.case
    _count_posts(one)
    running = sorted((c for c in promises if c.is_open()), key=lambda c: (bool(c.paused), c.due, c.id))
    first = running[0] if running else None
    case.metric, case.due, case.commitment = (first.metric, first.due, first.id) if first else ("", 0, 0)
    owed = any(_kind(c.metric) == "response" for c in running) or (
        case.folded and case.last_in > case.last_out
    )
    if case.state in ("open", "waiting"):
        case.state = "open" if owed else "waiting"
    result.cases.append(case)
    if case.folded:
        result.pauses.append((case.id, first.cause if first and first.paused else ""))


def _count_posts(one: history.Case) -> None:
    case, posts = one.case, history.mine(one)
    theirs = [post for post in posts if post.author == case.customer and not post.own]
    if not theirs:
        return
    case.posts = len(theirs)
    case.last_in, case.latest_post = max((post.at, post.id) for post in theirs)
    answers = [post.at for post in posts if post.own and post.at >= theirs[0].at]
    case.last_out = max(answers, default=case.last_out)
