"""Incidents as ``townhall_web``: what is gathered where, held against a plain dictionary; each act taken back; nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from counted import count
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from town import NOW, Town

from townhall.care.logic import incident as logic
from townhall.care.logic.incident import Incident, Recent, alike, named_after, title_of
from townhall.desk import incidents as desk
from townhall.desk.inbox import page
from townhall.desk.views import InboxFilter
from townhall.flow import cases as case_verbs
from townhall.flow import incidents as verbs
from townhall.kernel.clock import DAY, HOUR, MINUTE
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused

__all__ = ["count"]


class Care:
    """A brand, two people, and what stands of its cases."""

    def __init__(self, owner: Connection[Any], web: Connection[Any]) -> None:
        self.town = Town(owner)
        self.owner, self.web = owner, web
        self.town.see(web)
        self.ann, self.bo = self.town.staff("Ann Able"), self.town.staff("Bo Best")

    def incidents(self) -> dict[int, int]:
        return dict(self.owner.execute("SELECT id, coalesce(incident, 0) FROM cases").fetchall())

    def version(self, case: int) -> int:
        row = self.owner.execute("SELECT version FROM cases WHERE id = %s", [case]).fetchone()
        assert row
        return int(row[0])

    def facts(self) -> int:
        row = self.owner.execute("SELECT coalesce(sum(facts), 0) FROM fact_block").fetchone()
        return int(row[0]) if row else 0


@pytest.fixture
def care(owner: Connection[Any], web: Connection[Any]) -> Care:
    return Care(owner, web)


ACTS = ("open", "link", "unlink", "close", "reopen", "undo")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(ACTS), st.integers(0, 3), st.sets(st.integers(0, 5), max_size=4)),
        max_size=12,
    )
)
@example([("open", 0, {0, 1}), ("close", 1, set()), ("open", 0, {0}), ("undo", 0, set()), ("link", 1, {0})])
@example([("open", 0, {0}), ("open", 0, {0, 1}), ("close", 1, set()), ("link", 2, {0}), ("reopen", 1, set())])
def test_what_is_gathered_where_is_what_a_dictionary_says(
    care: Care, acts: list[tuple[str, int, set[int]]]
) -> None:
    """Each example is a brand's day on cases of its own. The oracle: case → incident, and who is open."""
    lead = care.town.staff(f"Lee{care.town.fresh()} Lead", "lead", "agent")
    cases = [care.town.asks(f"p{care.town.fresh()}", "no signal") for _ in range(6)]
    where, still_open, numbers, done = dict.fromkeys(cases, 0), {0: False}, [0], []
    for act, n, places in acts:
        wanted = [cases[place] for place in sorted(places)]
        number = numbers[n % len(numbers)]
        free = [one for one in wanted if not still_open.get(where[one], False)]
        if act == "open":
            made = verbs.open_incident(care.web, lead, "No signal", wanted, NOW)
            still_open[made.number] = True
            numbers.append(made.number)
            done.append((made, {one: (where[one], made.number) for one in free}))
            where |= dict.fromkeys(free, made.number)
            assert (set(made.cases), made.left) == (set(free), len(wanted) - len(free))
        elif act == "link" and still_open[number]:
            moved = [one for one in free if where[one] != number]
            made = verbs.link(care.web, lead, number, wanted, NOW)
            done.append((made, {one: (where[one], number) for one in moved}))
            where |= dict.fromkeys(moved, number)
            assert set(made.cases) == set(moved)
        elif act == "unlink" and number:
            moved = [one for one in wanted if where[one] == number]
            made = verbs.unlink(care.web, lead, number, wanted, NOW)
            done.append((made, {one: (number, 0) for one in moved}))
            where |= dict.fromkeys(moved, 0)
        elif act in ("close", "reopen") and number and still_open[number] == (act == "close"):
            (verbs.close if act == "close" else verbs.reopen)(care.web, lead, number, NOW)
            still_open[number] = act == "reopen"
        elif act == "undo" and done:
            made, sides = done.pop()
            if made.change:
                _undo(care, lead, made, sides, where, still_open)
    now = care.incidents()
    assert {one: now[one] for one in cases} == where


def _undo(care: Care, lead: Any, made: verbs.Done, sides: Any, where: Any, still_open: Any) -> None:
    row = care.owner.execute("SELECT act FROM incident_change WHERE id = %s", [made.change]).fetchone()
    assert row
    if row[0] == "open" and not still_open[made.number]:
        with pytest.raises(Conflict):
            verbs.undo(care.web, lead, made.number, made.change, NOW)
        return
    verbs.undo(care.web, lead, made.number, made.change, NOW)
    if row[0] == "open":
        still_open[made.number] = False
    for case, (before, after) in sides.items():
        if where[case] == after:
            where[case] = before
    with pytest.raises(Conflict):
        verbs.undo(care.web, lead, made.number, made.change, NOW)


def test_150_cases_are_one_act_with_few_statements(care: Care, count: Callable[..., int]) -> None:
    cases = [care.town.asks(f"p{n}", "no signal in Leeds") for n in range(150)]
    few = count(lambda: verbs.open_incident(care.web, care.ann, "One", cases[:1], NOW))
    facts = care.facts()
    many = count(lambda: verbs.open_incident(care.web, care.ann, "No signal", cases[1:], NOW))
    assert few == many
    assert care.facts() == facts + 1 + 149
    assert care.owner.execute("SELECT count(*) FROM cases WHERE incident = 2").fetchone() == (149,)
    assert care.version(cases[5]) == 1, "who writes there now is not stopped by it"


def test_the_pages_ask_the_same_number_of_questions_however_many_cases(
    care: Care, count: Callable[..., int]
) -> None:
    cases = [care.town.asks(f"p{n}", "no signal") for n in range(61)]
    verbs.open_incident(care.web, care.ann, "One", cases[:1], NOW)
    brand = care.town.brand

    def asked() -> tuple[int, ...]:
        return (
            count(lambda: desk.incident(care.web, brand, 1, "", NOW)),
            count(lambda: desk.incidents(care.web, brand, False, "")),
            count(lambda: desk.alike(care.web, brand, NOW)),
        )

    few = asked()
    verbs.link(care.web, care.ann, 1, cases, NOW)
    assert asked() == few == (4, 1, 1)
    first = desk.incident(care.web, brand, 1, "", NOW)
    rest = desk.incident(care.web, brand, 1, first.cursor, NOW)
    assert [one.case_id for one in (*first.cases, *rest.cases)] == sorted(cases, reverse=True)
    assert rest.cursor == "" and first.line.cases == 61 and first.line.waiting == 61


def test_the_inbox_is_narrowed_to_an_incident_and_its_rows_say_so(care: Care) -> None:
    ours, other = care.town.asks("cleo", "no signal"), care.town.asks("dora", "my bill")
    verbs.open_incident(care.web, care.ann, "No signal", [ours], NOW)
    narrowed = page(care.web, care.town.brand, InboxFilter(incident="1"), "", NOW)
    assert [(row.case_id, row.incident) for row in narrowed.rows] == [(ours, 1)]
    assert {row.case_id: row.incident for row in page(care.web, care.town.brand, InboxFilter(), "", NOW).rows} == {
        ours: 1,
        other: 0,
    }  # fmt: skip
    assert page(care.web, care.town.brand, InboxFilter(incident="7"), "", NOW).rows == ()


def test_roles_and_who_leads(care: Care) -> None:
    lead = care.town.staff("Lee Lead", "lead")
    case = care.town.asks("cleo", "no signal")
    with pytest.raises(Forbidden):
        verbs.open_incident(care.web, care.town.staff("Ina", "analyst"), "No signal", [case], NOW)
    made = verbs.open_incident(care.web, care.ann, "  No \n signal ", [case], NOW)
    seen = desk.incident(care.web, care.town.brand, made.number, "", NOW)
    assert (seen.line.title, seen.line.owner, seen.opened_by) == ("No signal", "", "Ann Able")
    for act in (
        lambda: verbs.close(care.web, care.ann, 1, NOW),
        lambda: verbs.give(care.web, care.ann, 1, care.ann.staff_id, NOW),
        lambda: verbs.promise_update(care.web, care.ann, 1, NOW + HOUR, NOW),
        lambda: verbs.rename(care.web, care.ann, 1, "Mine", NOW),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Forbidden):  # whose incident it is now was not asked
        verbs.undo(care.web, care.town.staff("Gil Gray", "agent"), 1, made.change, NOW)
    verbs.give(care.web, lead, 1, care.ann.staff_id, NOW)
    verbs.promise_update(care.web, care.ann, 1, NOW + HOUR, NOW)
    given = verbs.rename(care.web, care.ann, 1, "No signal in Leeds", NOW)
    verbs.undo(care.web, care.ann, 1, given.change, NOW)
    assert desk.incident(care.web, care.town.brand, 1, "", NOW).line.title == "No signal"
    verbs.close(care.web, care.ann, 1, NOW)
    with pytest.raises(Refused):
        verbs.link(care.web, care.ann, 1, [case], NOW)
    told = care.owner.execute("SELECT staff_id, kind FROM notice").fetchall()
    assert told == [(care.ann.staff_id, "incident")]


def test_an_overdue_update_is_told_once_to_who_leads_and_to_the_first_lead(
    care: Care, worker: Connection[Any]
) -> None:
    lead = care.town.staff("Lee Lead", "lead")
    verbs.open_incident(care.web, care.ann, "No signal", [], NOW)
    verbs.give(care.web, lead, 1, care.ann.staff_id, NOW)
    verbs.promise_update(care.web, lead, 1, NOW + HOUR, NOW)
    with worker.transaction():
        told = [verbs.tell_overdue(worker, NOW + after) for after in (0, HOUR, HOUR + MINUTE, DAY)]
    assert told == [0, 1, 0, 0]
    rows = care.owner.execute("SELECT staff_id FROM notice WHERE urgent ORDER BY staff_id").fetchall()
    assert [row[0] for row in rows] == sorted([care.ann.staff_id, lead.staff_id])


def test_a_case_undoes_its_own_gathering_and_a_merged_one_is_passed_over(care: Care) -> None:
    one, two = care.town.asks("cleo", "a"), care.town.asks("dora", "b")
    case_verbs.merge(care.web, care.ann, two, one, NOW)
    made = verbs.open_incident(care.web, care.ann, "No signal", [one, two], NOW)
    assert (made.cases, made.left) == ((one,), 1)
    row = care.owner.execute("SELECT id FROM case_change WHERE act = 'link'").fetchone()
    assert row
    case_verbs.undo(care.web, care.ann, row[0], NOW)
    assert care.incidents()[one] == 0
    assert verbs.undo(care.web, care.ann, 1, made.change, NOW).cases == ()


def test_another_brand_sees_and_changes_nothing(care: Care) -> None:
    ours = care.town.asks("cleo", "no signal")
    verbs.open_incident(care.web, care.ann, "No signal", [ours], NOW)
    oak = Town(care.owner, "oak")
    cy = oak.staff("Cy Carr", "lead", "agent")
    oak.see(care.web)
    assert desk.incidents(care.web, care.town.brand, False, "") == ((), "")
    for act in (
        lambda: desk.incident(care.web, care.town.brand, 1, "", NOW),
        lambda: desk.incident(care.web, oak.brand, 1, "", NOW),
        lambda: verbs.close(care.web, cy, 1, NOW),
        lambda: verbs.unlink(care.web, cy, 1, [ours], NOW),
    ):
        with pytest.raises(NotFound):
            act()
    made = verbs.open_incident(care.web, cy, "Ours", [ours], NOW)
    assert (made.number, made.cases) == (1, ())
    assert care.incidents()[ours] == 1


def rising(care: Care, kind: str, subject: str, sentence: str) -> None:
    care.owner.execute(
        "INSERT INTO attention (brand_id, kind, subject, sentence) VALUES (%s, %s, %s, %s)",
        [care.town.brand, kind, subject, sentence],
    )


def test_what_looks_alike_is_offered_while_it_rises(care: Care) -> None:
    def tagged(n: int, *topics: str) -> int:
        person, thread = care.town.person(f"p{n}"), care.town.thread()
        post = care.town.post(thread, person, "no signal at all", NOW - MINUTE, topics=topics)
        return care.town.case(thread, person, post)

    cases = [tagged(n, "signal") for n in range(12)] + [tagged(20, "bill")]
    brand = care.town.brand
    assert desk.alike(care.web, brand, NOW) is None, "nothing rises"
    rising(care, "topic", "signal", "“no signal”: 4.1 times the usual since 13:40.")
    found = desk.alike(care.web, brand, NOW)
    assert found and set(found.cases) == set(cases[:12]) and found.incident == 0
    verbs.open_incident(care.web, care.ann, "No signal", cases[:9], NOW, surge=found.surge)
    assert desk.alike(care.web, brand, NOW) is None, "three are no storm"
    more = [tagged(n, "signal") for n in range(30, 38)]
    again = desk.alike(care.web, brand, NOW)
    assert again and again.incident == 1 and set(again.cases) == {*cases[9:12], *more}
    assert desk.alike(care.web, brand, NOW + DAY) is None, "what is old is no storm"


def test_what_an_open_incident_has_most_of_goes_there_though_it_was_made_by_hand(care: Care) -> None:
    def tagged(n: int, *topics: str) -> int:
        person, thread = care.town.person(f"p{n}"), care.town.thread()
        return care.town.case(
            thread, person, care.town.post(thread, person, "no signal at all", NOW, topics=topics)
        )

    cases, brand = [tagged(n, "signal") for n in range(24)], care.town.brand
    few = verbs.open_incident(care.web, care.ann, "A few", [tagged(30, "signal"), tagged(31, "bill")], NOW)
    rising(care, "topic", "signal", "“no signal”: 24 posts in an hour, hardly any were expected.")
    found = desk.alike(care.web, brand, NOW)
    assert found and found.incident == 0 and few.number == 1, "one case makes it no incident of that"
    made = verbs.open_incident(care.web, care.ann, "No signal", cases[:12], NOW)
    found = desk.alike(care.web, brand, NOW)
    assert found and (found.incident, set(found.cases)) == (made.number, set(cases[12:]))
    lead = care.town.staff("Lee Lead", "lead")
    verbs.close(care.web, lead, made.number, NOW)
    found = desk.alike(care.web, brand, NOW)
    assert found and found.incident == 0 and set(found.cases) == set(cases[12:]), "a closed one takes none"


POSTS = st.builds(
    Recent, st.integers(1, 1 << 40), st.integers(1, 2),
    st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True).map(tuple), st.sampled_from([0, 7, 15, 1 << 40]),
)  # fmt: skip


@given(st.lists(POSTS, max_size=40, unique_by=lambda one: one.case), st.sampled_from(["topic", "surge"]),
       st.sampled_from(["a", "0", "1"]))  # fmt: skip
def test_alike_is_the_largest_group_that_is_a_storm(posts: list[Recent], kind: str, subject: str) -> None:
    """The oracle tries every topic and every fingerprint in turn."""
    if kind == "topic":
        groups, among = [{p.case for p in posts if subject in p.topics}], len(posts)
        least = 0
    else:
        mine = [p for p in posts if subject == "0" or str(p.account) == subject]
        among, least = len(mine), 30
        words = [{p.case for p in mine if word in p.topics} for word in "abc"]
        most = max(((sum(q.print == p.print for q in mine), -p.print) for p in mine if p.print), default=None)
        near = {p.case for p in mine if most and p.print and bin(p.print ^ -most[1]).count("1") <= 1}
        groups = [*words, near]
    best = max(map(len, groups))
    storm = best >= 10 and 100 * best >= least * among
    found = set(alike(posts, kind, subject, 1))
    assert (len(found) == best and found in groups) if storm else not found


STANDS = Incident(1, 4, "No signal", 7, NOW + HOUR, NOW, "staff/7")


@given(
    st.sampled_from(["close", "give", "update", "rename"]), st.integers(0, 9),
    st.integers(-2, 40), st.text(max_size=130),
)  # fmt: skip
def test_what_an_act_changed_is_put_back_exactly(act: str, staff: int, days: int, words: str) -> None:
    after = {
        "close": logic.close(STANDS, "staff/1", NOW),
        "give": logic.give(STANDS, staff),
        "update": logic.promise_update(STANDS, NOW + days * DAY, NOW),
        "rename": logic.rename(STANDS, words),
    }[act]
    if isinstance(after, Incident):
        before, became = logic.sides(STANDS, after)
        assert before and logic.restore(after, before, became) == STANDS
        assert not isinstance(logic.restore(STANDS, before, became), Incident)
        assert after.next_update in (0, STANDS.next_update) or NOW < after.next_update <= NOW + 30 * DAY
        assert 1 <= len(after.title) <= 120 and after.title == after.title.strip()


def test_titles() -> None:
    assert title_of(" no\tsignal ") == "no signal"
    assert named_after("All accounts: 4 times the usual; “no signal” makes 80 % of the rise.") == "No signal"
    assert named_after("care: 3 times the usual.") == "Care: 3 times the usual"
    assert len(named_after("x" * 400)) == 120 and named_after("") == "What rises now"
