"""What people do with cases, as ``townhall_web``: what stands after it, what is counted, and undo to the letter."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg import Connection
from town import NOW, Town

from townhall.flow import cases as verbs
from townhall.flow.cases import CaseMoved, Done
from townhall.kernel.clock import DAY, HOUR, MINUTE
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused

pytestmark = pytest.mark.database

_KEPT = {
    "cases": "SELECT * FROM cases WHERE brand_id = %s ORDER BY id",
    "commitment": "SELECT * FROM commitment WHERE brand_id = %s AND cause <> 'undone' ORDER BY id",
    "clock_event": "SELECT case_id, at, kind, cause FROM clock_event WHERE brand_id = %s AND NOT undone ORDER BY id",
    "note": "SELECT * FROM note WHERE brand_id = %s AND removed_at IS NULL ORDER BY id",
    "promises": (
        "SELECT due_minute, metric, sum(made), sum(met), sum(late), sum(cancelled) FROM rollup_promise WHERE brand_id = %s"
        " GROUP BY 1, 2 HAVING (sum(made), sum(met), sum(late), sum(cancelled)) <> (0, 0, 0, 0) ORDER BY 1, 2"
    ),
    "answers": (
        "SELECT started_hour, bucket, sum(answers), sum(given_up) FROM rollup_answer WHERE brand_id = %s"
        " GROUP BY 1, 2 HAVING (sum(answers), sum(given_up)) <> (0, 0) ORDER BY 1, 2"
    ),
}


class Care:
    """The verbs with everything that every test would repeat."""

    def __init__(self, owner: Connection[Any], web: Connection[Any]) -> None:
        self.town = Town(owner)
        self.owner, self.web = owner, web
        self.town.see(web)
        self.ann, self.bo = self.town.staff("Ann Able"), self.town.staff("Bo Best")

    def state(self, *, versions: bool = False) -> dict[str, Any]:
        """Everything that stands, without the cases' version numbers."""
        kept = {}
        for name, sql in _KEPT.items():
            cursor = self.owner.execute(sql, [self.town.brand])
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
            kept[name] = [{k: v for k, v in row.items() if versions or k != "version"} for row in rows]
        return kept

    def case(self, case: int) -> dict[str, Any]:
        return next(row for row in self.state(versions=True)["cases"] if row["id"] == case)

    def promises(self, case: int) -> list[dict[str, Any]]:
        return [row for row in self.state()["commitment"] if row["case_id"] == case]

    def facts(self) -> int:
        row = self.owner.execute("SELECT coalesce(sum(facts), 0) FROM fact_block").fetchone()
        return int(row[0]) if row else 0


@pytest.fixture
def care(owner: Connection[Any], web: Connection[Any]) -> Care:
    return Care(owner, web)


def test_taking_says_who_holds_it_and_leaves_a_fact(care: Care) -> None:
    case = care.town.asks("cleo", "no signal")
    done = verbs.take(care.web, care.ann, case, NOW)
    assert care.case(case)["assignee_id"] == care.ann.staff_id
    assert done.version == care.case(case)["version"] == 2
    assert care.facts() == 1


def test_a_case_a_colleague_holds_is_not_taken_by_accident(care: Care) -> None:
    case = care.town.asks("cleo", "no signal")
    verbs.take(care.web, care.ann, case, NOW)
    with pytest.raises(CaseMoved) as caught:
        verbs.take(care.web, care.bo, case, NOW)
    assert caught.value.news.version == 2
    verbs.take(care.web, care.bo, case, NOW, force=True)
    assert care.case(case)["assignee_id"] == care.bo.staff_id


def test_an_old_version_is_a_conflict_that_tells_what_is_new(care: Care) -> None:
    case = care.town.asks("cleo", "no signal")
    seen = care.case(case)
    thread = seen["thread_id"]
    verbs.take(care.web, care.ann, case, NOW)
    fresh = care.town.post(thread, seen["customer_id"], "anybody there?", NOW + MINUTE)
    with pytest.raises(CaseMoved) as caught:
        verbs.close(care.web, care.bo, case, NOW, version=seen["version"], seen_post=seen["latest_post"])
    assert caught.value.status == 409
    assert caught.value.news.posts == (fresh,)
    assert caught.value.news.acts == (("take", f"staff/{care.ann.staff_id}"),)
    assert care.case(case)["state"] == "open"


def test_closing_without_reply_ends_the_promise_with_its_cause(care: Care) -> None:
    case = care.town.asks("cleo", "thanks", due=NOW + HOUR)
    verbs.close(care.web, care.ann, case, NOW)
    row, promise = care.case(case), care.promises(case)[0]
    assert (row["state"], row["due_at"], row["metric"]) == ("closed", None, "")
    assert promise["cause"] == "closed without reply" and promise["cancelled_at"] is not None
    counted = care.owner.execute(
        "SELECT sum(made), sum(met), sum(late), sum(cancelled) FROM rollup_promise"
    ).fetchone()
    assert counted == (0, 0, 0, 1)
    given_up = care.owner.execute("SELECT sum(answers), sum(given_up) FROM rollup_answer").fetchone()
    assert given_up == (0, 1)


def test_closing_a_missed_one_does_not_hide_the_miss(care: Care) -> None:
    case = care.town.asks("cleo", "hello?", due=NOW - HOUR)
    verbs.close(care.web, care.ann, case, NOW)
    row = care.owner.execute(
        "SELECT coalesce(sum(cancelled), 0), coalesce(sum(late), 0) FROM rollup_promise"
    ).fetchone()
    assert row == (0, 0)


def test_reopening_gives_back_the_working_time_that_was_left(care: Care) -> None:
    case = care.town.asks("cleo", "and?", due=NOW + HOUR)
    verbs.close(care.web, care.ann, case, NOW)
    verbs.reopen(care.web, care.ann, case, NOW + 3 * HOUR)
    row = care.case(case)
    assert row["state"] == "open" and row["due_at"].timestamp() * 1e6 == NOW + 4 * HOUR
    assert [bool(p["cancelled_at"]) for p in care.promises(case)] == [True, False]


def test_a_snooze_never_outlasts_a_promise_and_the_past_is_refused(care: Care) -> None:
    case = care.town.asks("cleo", "later", due=NOW + 2 * HOUR)
    with pytest.raises(Refused):
        verbs.snooze(care.web, care.ann, case, NOW - 1, NOW)
    with pytest.raises(Refused):
        verbs.snooze(care.web, care.ann, case, NOW + 91 * DAY, NOW)
    verbs.snooze(care.web, care.ann, case, NOW + DAY, NOW)
    assert care.case(case)["state"] == "snoozed" and care.promises(case)[0]["cancelled_at"] is None
    urgent = care.town.asks("dora", "soon", due=NOW + 10 * MINUTE)
    with pytest.raises(Refused):
        verbs.snooze(care.web, care.ann, urgent, NOW + DAY, NOW)


@pytest.mark.parametrize(("gone_due", "kept_due"), [(1, 2), (2, 1), (1, None), (None, 1), (None, None)])
def test_the_earlier_deadline_survives_a_merge(
    care: Care, gone_due: int | None, kept_due: int | None
) -> None:
    gone = care.town.asks("cleo", "one", due=gone_due and NOW + gone_due * HOUR)
    kept = care.town.asks("cleo2", "two", due=kept_due and NOW + kept_due * HOUR)
    verbs.merge(care.web, care.ann, gone, kept, NOW)
    a, b = care.case(gone), care.case(kept)
    assert (a["state"], a["merged_into"], a["due_at"]) == ("merged", kept, None)
    expected = min((NOW + d * HOUR for d in (gone_due, kept_due) if d), default=None)
    assert (b["due_at"] and b["due_at"].timestamp() * 1e6) == expected
    assert all(p["cancelled_at"] or p["satisfied_at"] for p in care.promises(gone))


def test_another_persons_post_becomes_a_case_of_its_own(care: Care) -> None:
    case = care.town.asks("cleo", "no signal", due=NOW + HOUR)
    thread = care.case(case)["thread_id"]
    other = care.town.person("dora")
    post = care.town.post(thread, other, "me too", NOW)
    done = verbs.split(care.web, care.ann, case, post, NOW)
    made = care.case(done.case)
    assert (made["state"], made["customer_id"], made["snippet"]) == ("open", other, "me too")
    assert made["due_at"].timestamp() * 1e6 == NOW + 2 * HOUR
    with pytest.raises(Refused):
        verbs.split(care.web, care.ann, case, post, NOW)
    with pytest.raises(Refused):
        verbs.split(care.web, care.ann, case, care.case(case)["latest_post"], NOW)


def _acts(care: Care) -> dict[str, Callable[[int], Done]]:
    web, ann = care.web, care.ann
    return {
        "take": lambda case: verbs.take(web, ann, case, NOW),
        "assign": lambda case: verbs.assign(web, ann, case, care.bo.staff_id, NOW),
        "snooze": lambda case: verbs.snooze(web, ann, case, NOW + HOUR, NOW),
        "move": lambda case: verbs.move(web, ann, case, "billing", NOW),
        "close": lambda case: verbs.close(web, ann, case, NOW),
        "note": lambda case: verbs.note(web, ann, case, "calls back on Monday", NOW),
        "merge": lambda case: verbs.merge(
            web, ann, case, care.town.asks("other", "x", due=NOW + 5 * HOUR), NOW
        ),
        "merge_earlier": lambda case: verbs.merge(
            web, ann, case, care.town.asks("other", "x", due=NOW + HOUR), NOW
        ),
        "merge_none": lambda case: verbs.merge(web, ann, case, care.town.asks("other", "x", due=None), NOW),
    }


@pytest.mark.parametrize(
    "act", ["take", "assign", "snooze", "move", "close", "note", "merge", "merge_earlier", "merge_none"]
)
def test_undo_puts_everything_back_to_the_letter(care: Care, act: str) -> None:
    case = care.town.asks("cleo", "hello", due=NOW + 3 * HOUR)
    if act.startswith("merge"):
        due = {"merge": NOW + 5 * HOUR, "merge_earlier": NOW + HOUR, "merge_none": None}[act]
        other = care.town.asks("other", "x", due=due)
        before = care.state()
        done = verbs.merge(care.web, care.ann, case, other, NOW)
    else:
        before = care.state()
        done = _acts(care)[act](case)
    assert care.state() != before
    facts = care.facts()
    verbs.undo(care.web, care.ann, done.change, NOW + 5_000_000)
    assert care.state() == before
    assert care.facts() > facts, "undoing is a fact too"
    with pytest.raises(Conflict):
        verbs.undo(care.web, care.ann, done.change, NOW + 6_000_000)


def test_undoing_a_split_and_a_reopening(care: Care) -> None:
    case = care.town.asks("cleo", "hello", due=NOW + 3 * HOUR)
    post = care.town.post(care.case(case)["thread_id"], care.town.person("dora"), "me too", NOW)
    done = verbs.split(care.web, care.ann, case, post, NOW)
    verbs.undo(care.web, care.ann, done.change, NOW)
    assert care.case(done.case)["state"] == "merged" and care.promises(done.case) == []
    verbs.close(care.web, care.ann, case, NOW)
    before = care.state()
    reopened = verbs.reopen(care.web, care.ann, case, NOW + HOUR)
    verbs.undo(care.web, care.ann, reopened.change, NOW + HOUR)
    assert care.state() == before


def test_undo_is_refused_once_somebody_changed_it_again(care: Care) -> None:
    case = care.town.asks("cleo", "hello")
    first = verbs.assign(care.web, care.ann, case, care.bo.staff_id, NOW)
    verbs.assign(care.web, care.ann, case, care.ann.staff_id, NOW)
    with pytest.raises(Conflict):
        verbs.undo(care.web, care.ann, first.change, NOW)
    verbs.assign(care.web, care.ann, case, care.bo.staff_id, NOW)
    with pytest.raises(Conflict):
        verbs.undo(care.web, care.ann, first.change, NOW)
    assert care.case(case)["assignee_id"] == care.bo.staff_id


def test_undoing_a_closing_is_refused_when_the_customer_wrote_again(care: Care) -> None:
    case = care.town.asks("cleo", "hello")
    done = verbs.close(care.web, care.ann, case, NOW)
    row = care.case(case)
    care.town.case(row["thread_id"], row["customer_id"], row["latest_post"])
    with pytest.raises(Conflict):
        verbs.undo(care.web, care.ann, done.change, NOW)


def test_many_are_assigned_at_once_and_closed_ones_passed_over(care: Care) -> None:
    cases = [care.town.asks(f"p{n}", "x") for n in range(4)]
    verbs.close(care.web, care.ann, cases[0], NOW)
    done = verbs.assign_many(care.web, care.ann, cases, care.bo.staff_id, NOW)
    assert [d.case for d in done] == cases[1:]


def test_a_note_needs_words_and_the_fact_does_not_repeat_them(care: Care) -> None:
    case = care.town.asks("cleo", "hello")
    with pytest.raises(Refused):
        verbs.note(care.web, care.ann, case, "  ", NOW)
    verbs.note(care.web, care.ann, case, "her sister pays the bill", NOW)
    assert care.state()["note"][0]["text"] == "her sister pays the bill"


def test_another_brands_case_does_not_exist_and_roles_count(care: Care, owner: Connection[Any]) -> None:
    other = Town(owner, "oak")
    theirs = other.asks("x", "secret")
    with pytest.raises(NotFound):
        verbs.take(care.web, care.ann, theirs, NOW)
    analyst = care.town.staff("Cy Chart", "analyst")
    with pytest.raises(Forbidden):
        verbs.close(care.web, analyst, care.town.asks("y", "z"), NOW)


def test_a_change_keeps_no_words_of_the_customer(care: Care) -> None:
    case = care.town.asks("cleo", "my number is 555 0100")
    verbs.close(care.web, care.ann, case, NOW)
    row = care.owner.execute("SELECT before::text || after::text FROM case_change").fetchone()
    assert row and "555" not in row[0]


def test_a_case_is_given_only_to_somebody_who_works_here(care: Care, owner: Connection[Any]) -> None:
    stranger = Town(owner, "oak").staff("Stan Stranger")
    case = care.town.asks("cleo", "hello")
    with pytest.raises(Refused):
        verbs.assign(care.web, care.ann, case, stranger.staff_id, NOW)
    with pytest.raises(Refused):
        verbs.assign_many(care.web, care.ann, [case], 987654, NOW)
