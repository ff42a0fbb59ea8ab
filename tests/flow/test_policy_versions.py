"""The way of a policy version, by the pages' own role: Ann owns and writes, Bo reviews, Dee helps, Cy is elsewhere."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import integers, sampled_from
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection
from town import Town

from tests.flow.examining import activate, ask_review
from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.desk import policy_versions as desk
from townhall.flow import people as people_acts
from townhall.flow import policy_activation as force
from townhall.flow import policy_versions as flow
from townhall.flow.opening import furnish
from townhall.flow.policy_examined import NeedsExamining, after_examining, examine
from townhall.kernel.clock import DAY, HOUR, SECOND, Instant
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused, TownhallError
from townhall.people.doors import Asker
from townhall.people.programs import program_of
from townhall.policy import store as policies
from townhall.policy.logic.check import faults
from townhall.run.bench.rules import large_policy

NOW: Instant = 1_767_614_400_000_000


def document(word: str = "fine", queue: str = "care", calendar: str = "") -> str:
    """A small sound policy; ``word`` makes it another."""
    extra = f", calendar: {calendar}" if calendar else ""
    return (
        f"id: care\nversion: 1\nrules:\n  - {{id: r, owner: o, reason: {word}, effect: answer, queue: {queue},"
        f' when: "post.question"{extra}}}\n'
    )


DEAD = document().replace("post.question", "post.question && !post.question")
BROKEN = document().replace("post.question", "post.qestion")


class Hall(Struct):
    """One brand, who works there, a connection of the pages' role that sees it."""

    town: Town
    web: Connection[Any]
    worker: Connection[Any]
    ann: Asker
    bo: Asker
    dee: Asker
    cy: Asker

    def facts(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and data of every fact about the brand's policies, in the order they were written."""
        blocks = [row[0] for row in self.town.conn.execute("SELECT id FROM fact_block ORDER BY id")]
        kept = journal.blobs(self.town.conn, blocks)
        told = [json.loads(blob) for block in blocks for blob in kept[block]]
        return [
            (fact["type"].removeprefix("townhall.policy."), fact["data"])
            for fact in told
            if fact["type"].startswith("townhall.policy.") and fact["brand"] == self.town.brand
        ]

    def active(self) -> int:
        return desk.active(self.web, self.ann).line.number


@pytest.fixture
def hall(database: Database, open_as: Callable[..., Connection[Any]]) -> Iterator[Hall]:
    yield made_hall(open_as("owner"), open_as("web"), open_as("worker"), "brook")


def made_hall(owner: Connection[Any], web: Connection[Any], worker: Connection[Any], slug: str) -> Hall:
    town, other = Town(owner, slug), Town(owner, f"{slug}-else")
    with transaction(owner):
        furnish(owner, town.brand, "UTC", NOW, "test")
    town.see(web)
    return Hall(
        town, web, worker, town.staff("Ann", "admin", "compliance"), town.staff("Bo", "lead"),
        town.staff("Dee", "agent"), other.staff("Cy", "admin", "compliance", "lead"),
    )  # fmt: skip


def reviewed(hall: Hall, source: str) -> int:
    made = flow.draft(hall.web, hall.ann, source, NOW)
    ask_review(hall.web, hall.ann, made.number, NOW)
    flow.approve(hall.web, hall.bo, made.number, made.digest, NOW)
    return made.number


def test_the_whole_way(hall: Hall) -> None:
    made = flow.draft(hall.web, hall.ann, document(queue="night-shift"), NOW, note="Nights.", based_on=1)
    assert (made.number, made.state, hall.active()) == (2, "draft", 1)
    asked = ask_review(hall.web, hall.ann, 2, NOW + 1, note="Please before Friday.")
    assert asked.state == "in_review" and [one.number for one in desk.waiting(hall.web, hall.bo)] == [2]
    assert flow.approve(hall.web, hall.bo, 2, asked.digest, NOW + 2).state == "reviewed"
    done = activate(hall.web, hall.ann, 2, NOW + 3)
    assert (done.retired, done.at, done.new_queues) == (1, NOW + 3, ("night-shift",))
    view = desk.active(hall.web, hall.dee)
    assert view.source == document(queue="night-shift") and view.line.reviewed_by == "Bo"
    assert [(act.act, act.by) for act in view.acts] == [
        ("draft", "Ann"), ("ask", "Ann"), ("approve", "Bo"), ("activate", "Ann"),
    ]  # fmt: skip
    back = force.roll_back(hall.web, hall.ann, 1, "It held everything.", NOW + 4)
    assert back.retired == 2 and hall.active() == 1
    assert force.roll_back(hall.web, hall.ann, 2, "It did not.", NOW + 5).retired == 1 and hall.active() == 2
    assert [kind for kind, _ in hall.facts()] == [
        "drafted", "review_asked", "reviewed", "activated", "rolled_back", "rolled_back",
    ]  # fmt: skip
    assert hall.facts()[-2][1]["reason"] == "It held everything."
    lines, following = desk.versions(hall.web, hall.ann, limit=1)
    assert [one.number for one in lines] == [2] and following == 2
    assert [one.number for one in desk.versions(hall.web, hall.ann, following, 5)[0]] == [1]


def test_workers_judge_by_what_is_in_force(hall: Hall) -> None:
    number = reviewed(hall, document())
    activate(hall.web, hall.ann, number, NOW)
    of_brand = [row for row in policies.active(hall.worker, []) if row[0] == hall.town.brand]
    assert [row[2] for row in of_brand] == [document()]


def test_an_author_never_reviews_and_a_program_neither(hall: Hall) -> None:
    made = flow.draft(hall.web, hall.ann, document(), NOW)
    ask_review(hall.web, hall.ann, made.number, NOW)
    with pytest.raises(Forbidden, match="another person"):
        flow.approve(hall.web, hall.ann, made.number, made.digest, NOW)
    robot = replace(hall.bo, staff_id=0, name="robot")
    with pytest.raises(Forbidden, match="Only a person"):
        flow.approve(hall.web, robot, made.number, made.digest, NOW)
    flow.rewrite(hall.web, hall.bo, made.number, document("changed"), NOW, seen=made.digest)
    with pytest.raises(Forbidden, match="written by Bo"):
        ask_review(hall.web, hall.ann, made.number, NOW)
    asked = ask_review(hall.web, hall.bo, made.number, NOW)
    with pytest.raises(Forbidden, match="another person"):
        flow.approve(hall.web, hall.bo, made.number, asked.digest, NOW)
    assert flow.approve(hall.web, hall.ann, made.number, asked.digest, NOW).state == "reviewed"


def test_who_made_a_programs_token_does_not_review_what_it_wrote(hall: Hall) -> None:
    secret = people_acts.make_token(
        hall.web,
        replace(hall.ann, roles=frozenset({"admin"})),
        "robot",
        frozenset({"compliance"}),
        NOW + 36500 * DAY,
        NOW,
    )
    program = program_of(hall.web, secret)
    assert program is not None and not program.asker.staff_id
    made = flow.draft(hall.web, program.asker, document(), NOW)
    ask_review(hall.web, program.asker, made.number, NOW)
    with pytest.raises(Forbidden, match="your program"):
        flow.approve(hall.web, hall.ann, made.number, made.digest, NOW)
    with pytest.raises(Forbidden, match="your program"):
        flow.send_back(hall.web, hall.ann, made.number, "No.", NOW)
    assert flow.approve(hall.web, hall.bo, made.number, made.digest, NOW).state == "reviewed"


def test_a_reason_to_go_back_is_bounded(hall: Hall) -> None:
    first, newer = reviewed(hall, document("first")), reviewed(hall, document("newer"))
    activate(hall.web, hall.ann, first, NOW)
    activate(hall.web, hall.ann, newer, NOW)
    for reason in ("x" * 1_001, "no\0pe"):
        with pytest.raises(Refused, match="at most"):
            force.roll_back(hall.web, hall.ann, first, reason, NOW)


def test_a_review_is_of_exact_bytes(hall: Hall) -> None:
    number = reviewed(hall, document())
    seen = desk.version(hall.web, hall.ann, number).line.digest
    changed = flow.rewrite(hall.web, hall.ann, number, document("other"), NOW, seen=seen)
    assert (changed.state, changed.reviewed) == ("draft", "")
    with pytest.raises(Conflict, match="draft"):
        activate(hall.web, hall.ann, number, NOW)
    ask_review(hall.web, hall.ann, number, NOW)
    with pytest.raises(Conflict, match="changed after you opened"):
        flow.approve(hall.web, hall.bo, number, seen, NOW)
    with pytest.raises(Conflict, match="changed version"):
        flow.rewrite(hall.web, hall.ann, number, document("third"), NOW, seen=seen)
    flow.approve(hall.web, hall.bo, number, changed.digest, NOW)
    hall.town.conn.execute(
        "UPDATE policy_version SET source = 'id: x', digest = 'x' WHERE version = %s", [number]
    )
    with pytest.raises(Conflict, match="not the one that was reviewed"):
        activate(hall.web, hall.ann, number, NOW)


def test_what_fails_the_check_is_not_asked_about(hall: Hall) -> None:
    for source, why in ((DEAD, "r is dead"), (BROKEN, "nothing is called post.qestion"),
                        (document(calendar="nihgt"), "no calendar nihgt; there are always, default")):  # fmt: skip
        made = flow.draft(hall.web, hall.ann, source, NOW)
        with pytest.raises(Refused, match=why):
            ask_review(hall.web, hall.ann, made.number, NOW)
        assert desk.version(hall.web, hall.ann, made.number).line.state == "draft"
    with pytest.raises(Refused, match="empty"):
        flow.draft(hall.web, hall.ann, " \n", NOW)


def test_returned_with_a_reason_and_thrown_away(hall: Hall) -> None:
    made = flow.draft(hall.web, hall.ann, document(), NOW)
    ask_review(hall.web, hall.ann, made.number, NOW)
    with pytest.raises(Refused, match="Say why"):
        flow.send_back(hall.web, hall.bo, made.number, " ", NOW)
    assert flow.send_back(hall.web, hall.bo, made.number, "Nights are missing.", NOW).state == "draft"
    assert desk.version(hall.web, hall.ann, made.number).acts[-1].remark == "Nights are missing."
    flow.discard(hall.web, hall.ann, made.number, NOW)
    with pytest.raises(Conflict, match="thrown away"):
        ask_review(hall.web, hall.ann, made.number, NOW)
    with pytest.raises(Conflict, match="in force"):
        flow.rewrite(hall.web, hall.ann, 1, document(), NOW, seen="")


def test_activated_at_a_time_exactly_once_also_after_downtime(hall: Hall) -> None:
    second, first = (
        reviewed(hall, document("one")),
        reviewed(hall, document("two")),
    )  # the one written later is due earlier
    activate(hall.web, hall.ann, second, NOW, at=NOW + 2 * HOUR)
    assert activate(hall.web, hall.ann, first, NOW, at=NOW + HOUR).due == NOW + HOUR
    assert force.activate_due(hall.worker, NOW + HOUR - 1) == 0 and hall.active() == 1
    late = NOW + 6 * HOUR  # nobody was there for six hours
    with transaction(hall.worker):
        assert force.activate_due(hall.worker, late) == 2
    with transaction(hall.worker):
        assert force.activate_due(hall.worker, late + SECOND) == 0
    assert hall.active() == second
    activated = [(data["number"], data["due"]) for kind, data in hall.facts() if kind == "activated"]
    assert activated == [(first, NOW + HOUR), (second, NOW + 2 * HOUR)]
    with pytest.raises(Refused, match="a year"):
        activate(hall.web, hall.ann, reviewed(hall, document("far")), NOW, at=NOW + 400 * DAY)


def test_a_time_is_called_off(hall: Hall) -> None:
    number = reviewed(hall, document())
    activate(hall.web, hall.ann, number, NOW, at=NOW + HOUR)
    assert force.call_off(hall.web, hall.ann, number, NOW).due == 0
    assert force.activate_due(hall.worker, NOW + DAY) == 0 and hall.active() == 1
    with pytest.raises(Conflict, match="no time"):
        force.call_off(hall.web, hall.ann, number, NOW)


def test_what_cannot_be_read_when_it_is_due_stops_nobody_else(hall: Hall) -> None:
    bad, good = reviewed(hall, document("bad")), reviewed(hall, document("good"))
    for number in (bad, good):
        activate(hall.web, hall.ann, number, NOW, at=NOW + HOUR)
    hall.town.conn.execute("UPDATE policy_version SET source = 'nonsense' WHERE version = %s", [bad])
    assert force.activate_due(hall.worker, NOW + HOUR) == 1 and hall.active() == good
    assert force.activate_due(hall.worker, NOW + HOUR) == 0, "and is not tried for ever"
    assert "mapping" in desk.version(hall.web, hall.ann, bad).acts[-1].remark


@pytest.mark.parametrize("who", ["dee", "cy"])
def test_doors(hall: Hall, who: str) -> None:
    """Dee helps and may read; Cy owns another brand, where nothing of this exists."""
    asker: Asker = getattr(hall, who)
    number = reviewed(hall, document())
    before = hall.facts()
    acts: list[Callable[[], Any]] = [
        lambda: flow.rewrite(hall.web, asker, number, document("x"), NOW, seen=""),
        lambda: ask_review(hall.web, asker, number, NOW),
        lambda: flow.approve(hall.web, asker, number, "", NOW),
        lambda: flow.send_back(hall.web, asker, number, "no", NOW),
        lambda: flow.discard(hall.web, asker, number, NOW),
        lambda: activate(hall.web, asker, number, NOW),
        lambda: force.call_off(hall.web, asker, number, NOW),
        lambda: force.roll_back(hall.web, asker, 1, "no", NOW),
    ]
    for act in acts:
        with pytest.raises(Forbidden if who == "dee" else NotFound):
            act()
    assert hall.facts() == before
    if who == "dee":
        assert desk.version(hall.web, asker, number).line.number == number
        with pytest.raises(Forbidden):
            flow.draft(hall.web, asker, document(), NOW)
    else:
        assert desk.versions(hall.web, asker) == ([], 0) and desk.waiting(hall.web, asker) == []
        for read in (lambda: desk.version(hall.web, asker, 1), lambda: desk.active(hall.web, asker)):
            with pytest.raises(NotFound):
                read()


def test_two_who_are_quick_activate_one_after_the_other(
    hall: Hall, open_as: Callable[..., Connection[Any]]
) -> None:
    import threading

    numbers, outcomes = [reviewed(hall, document(str(n))) for n in range(4)], []
    conns = [open_as("web") for _ in numbers]

    def go(conn: Connection[Any], number: int) -> None:
        with transaction(conn, lock_timeout="20s", brand=hall.town.brand):
            outcomes.append(activate(conn, hall.ann, number, NOW))

    threads = [threading.Thread(target=go, args=pair) for pair in zip(conns, numbers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    retired = [done.retired for done in outcomes]
    assert sorted([*retired, hall.active()]) == [1, *numbers], "a chain: each retired the one before it"


class Journeys(RuleBasedStateMachine):
    """Any acts in any order by anybody: never two in force, never none, never a text in force that its author approved."""

    place: Hall

    @initialize()
    def begin(self) -> None:
        self.now, self.texts = NOW, 0
        self.numbers = [1]
        self.place.town.conn.execute(
            "DELETE FROM policy_act; UPDATE policy_version SET state = 'retired', due_at = NULL WHERE state = 'active'"
        )
        self.place.town.conn.execute("DELETE FROM policy_version WHERE version > 1")
        self.place.town.conn.execute(
            "UPDATE policy_version SET state = 'active' WHERE brand_id = %s", [self.place.town.brand]
        )

    def _try(self, act: Callable[[], Any]) -> None:
        self.now += SECOND
        try:
            with transaction(self.place.web, brand=self.place.town.brand):
                act()
        except TownhallError:
            pass

    def _text(self) -> str:
        self.texts += 1
        return document(f"t{self.texts}")

    def _who(self, n: int) -> Asker:
        return (self.place.ann, self.place.bo)[n % 2]

    @rule(who=integers(0, 1))
    @precondition(lambda self: len(self.numbers) < 5)
    def write(self, who: int) -> None:
        self._try(
            lambda: self.numbers.append(
                flow.draft(self.place.web, self._who(who), self._text(), self.now).number
            )
        )

    @rule(who=integers(0, 1), which=integers(0, 9), what=sampled_from(["rewrite", "ask", "approve", "return", "activate",
          "later", "back", "off", "due", "discard"]))  # fmt: skip
    def act(self, who: int, which: int, what: str) -> None:
        web, asker, number = self.place.web, self._who(who), self.numbers[which % len(self.numbers)]
        digest = desk.version(web, asker, number).line.digest
        self._try(
            {
                "rewrite": lambda: flow.rewrite(web, asker, number, self._text(), self.now, seen=digest),
                "ask": lambda: ask_review(web, asker, number, self.now),
                "approve": lambda: flow.approve(web, asker, number, digest, self.now),
                "return": lambda: flow.send_back(web, asker, number, "no", self.now),
                "activate": lambda: activate(web, asker, number, self.now),
                "later": lambda: activate(web, asker, number, self.now, at=self.now + 3 * SECOND),
                "back": lambda: force.roll_back(web, asker, number, "so", self.now),
                "off": lambda: force.call_off(web, asker, number, self.now),
                "due": lambda: force.activate_due(web, self.now),
                "discard": lambda: flow.discard(web, asker, number, self.now),
            }[what]
        )

    @invariant()
    def one_in_force_and_reviewed_by_another(self) -> None:
        rows = self.place.town.conn.execute(
            "SELECT version, digest, author_id, id FROM policy_version WHERE brand_id = %s AND state = 'active'",
            [self.place.town.brand],
        ).fetchall()
        assert len(rows) == 1
        number, digest, author, version = rows[0]
        if number > 1:
            approvers = self.place.town.conn.execute(
                "SELECT by_id FROM policy_act WHERE version_id = %s AND act = 'approve' AND digest = %s",
                [version, digest],
            ).fetchall()
            assert approvers and all(row[0] != author for row in approvers)


def test_no_order_of_acts_breaks_it(module_database: Database) -> None:
    with (
        connect(module_database.dsn("owner")) as owner,
        connect(module_database.dsn("web")) as web,
        connect(module_database.dsn("worker")) as worker,
    ):
        Journeys.place = made_hall(owner, web, worker, "mill")
        Journeys.TestCase.settings = settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        )
        Journeys.TestCase().runTest()


def test_the_check_is_asked_for_and_is_of_one_text(hall: Hall) -> None:
    made = flow.draft(hall.web, hall.ann, document(), NOW)
    with pytest.raises(NeedsExamining) as needs:
        flow.ask_review(hall.web, hall.ann, made.number, NOW)
    assert needs.value.source == document()
    other = examine(document("other"))
    with pytest.raises(NeedsExamining):
        flow.ask_review(hall.web, hall.ann, made.number, NOW, examined=other)
    assert desk.version(hall.web, hall.ann, made.number).line.state == "draft"
    flow.ask_review(hall.web, hall.ann, made.number, NOW, examined=examine(document()))
    flow.approve(hall.web, hall.bo, made.number, made.digest, NOW)
    with pytest.raises(NeedsExamining):
        force.activate(hall.web, hall.ann, made.number, NOW, examined=other)
    assert hall.active() == 1


def test_what_is_not_decided_in_time_is_said_and_not_taken_for_sound(hall: Hall) -> None:
    source = large_policy(20, 3)
    late = examine(source, seconds=0.0)
    assert late.left == source.count("- id:") and late.faults == ()
    made = flow.draft(hall.web, hall.ann, source, NOW)
    with pytest.raises(Refused, match=f"not decided in time: {late.left} of its rules"):
        flow.ask_review(hall.web, hall.ann, made.number, NOW, examined=late)
    assert desk.version(hall.web, hall.ann, made.number).line.state == "draft"
    turns = 0
    while (whole := examine(source, seconds=0.3)).left:
        turns += 1
        assert turns < 200, "each look goes on where the last one stopped"
    assert whole.faults == faults(source.encode())[0] == ()
    assert examine(source, seconds=0.3) is whole, "a finding that is whole is remembered"


def test_an_act_is_done_again_with_what_it_asked_for() -> None:
    asked: list[Any] = []

    def act(examined: Any) -> str:
        asked.append(examined)
        if examined is None:
            raise NeedsExamining(document())
        return "done"

    assert after_examining(act) == "done"
    assert asked[0] is None and asked[1].digest == flow.digest_of(document())
