"""Label, teach, put to use, judge by it, go back: the whole loop through the pipeline, its doors and its record."""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection, errors
from town import Town

from tests.flow.parish import KEYS, Parish, post
from townhall import journal
from townhall.database import Database
from townhall.database.connect import connect, for_brand, transaction
from townhall.enrich import Understanding
from townhall.enrich.store import asks, labels, models, wishes
from townhall.flow import asking, lessons, model_use, nightly, teaching, trying
from townhall.flow import labels as flow
from townhall.flow.replay import Window, replay
from townhall.kernel.clock import DAY, MINUTE, SECOND, Instant, system_clock
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.people.doors import Asker

_LOVELY = ("the torch is sick", "this kettle slaps", "sick lamp, sick price", "these boots slap hard")
_AWFUL = ("the torch is naff", "this kettle is pants", "naff lamp, naff price", "these boots are pants")
ROWS = [
    (f"{text} {n}", "positive" if text in _LOVELY else "negative")
    for n in range(5)
    for text in _LOVELY + _AWFUL
]
READER: list[Understanding] = []


class Hall(Struct):
    """The brand that posts come to, who works there, and the pages' own connection."""

    parish: Parish
    web: Connection[Any]
    ann: Asker
    bo: Asker
    wim: Asker
    cy: Asker

    @property
    def conn(self) -> Connection[Any]:
        return self.parish.connection

    def facts(self, about: str) -> list[tuple[str, dict[str, Any]]]:
        blocks = [int(str(row[0])) for row in self.parish.rows("SELECT id FROM fact_block ORDER BY id")]
        kept = journal.blobs(self.conn, blocks)
        told = [json.loads(blob) for block in blocks for blob in kept[block]]
        return [
            (fact["type"].removeprefix(f"townhall.{about}."), fact["data"])
            for fact in told if fact["type"].startswith(f"townhall.{about}.")
        ]  # fmt: skip

    def last(self) -> int:
        return int(str(self.parish.rows("SELECT max(id) FROM interaction")[0][0]))

    def said(self, post: int) -> flow.Understood:
        with transaction(self.conn):
            return flow.understood(self.conn, KEYS.kek, self.ann, post)

    def sentiment(self, post: int) -> int:
        return int(str(self.parish.rows(f"SELECT sentiment FROM interaction WHERE id = {post}")[0][0]))

    def teach(self, rows: list[tuple[str, str]] | None = None, head: str = "sentiment") -> models.OwnModel:
        held = teaching.lesson(self.web, self.ann, head, rows)
        return teaching.keep(self.web, self.ann, held, teaching.learn(reader(), held), self.parish.now)


def reader() -> Understanding:
    if not READER:
        READER.append(Understanding.load())
    return READER[0]


@pytest.fixture
def hall(database: Database, open_as: Callable[..., Connection[Any]]) -> Iterator[Hall]:
    owner, web, worker = open_as("owner"), open_as("web"), open_as("worker")
    parish = Parish(database, worker)
    parish.now = system_clock()
    town = Town(owner, "desk")
    town.conn.execute("UPDATE membership SET brand_id = %s", [parish.brand.id])
    other = Town(owner, "elsewhere")
    web.execute("SELECT set_config('townhall.brand', %s, false)", [str(parish.brand.id)])
    here = {"brand_id": parish.brand.id, "brand_slug": "acme"}
    people = [
        replace(town.staff(name, *roles), **here)
        for name, roles in (("Ann", ("lead", "agent")), ("Bo", ("agent",)), ("Wim", ("analyst",)))
    ]
    yield Hall(parish, web, *people, other.staff("Cy", "lead", "agent", "analyst"))


def labelled(hall: Hall, most: int = len(ROWS)) -> list[int]:
    """Posts that came in and were labelled by Ann."""
    made = []
    for number, (text, value) in enumerate(ROWS[:most], 1):
        hall.parish.take(post(number, number, f"u{number}", text))
        made.append(hall.last())
        flow.give(hall.web, hall.ann, hall.said(hall.last()), "sentiment", value, hall.parish.now)
    return made


def test_the_whole_loop(hall: Hall) -> None:
    posts = labelled(hall)
    before = hall.said(posts[0])
    assert before.heads["sentiment"].read_by == reader().digest[:12]
    made = hall.teach()
    assert (made.number, made.state, made.card["rows"], made.card["source"]) == (1, "candidate", 40, "labels")
    assert made.card["against"]["model"] == "shipped" and made.card["against"]["better"]
    hall.parish.take(post(101, 101, "v1", "that kettle is sick, sick"))
    assert hall.sentiment(hall.last()) == -1, "a candidate reads nothing"
    done = model_use.activate(hall.web, hall.ann, "sentiment", 1, hall.parish.now)
    assert (done.number, done.retired, done.digest) == (1, 0, made.digest)
    hall.parish.now += 3 * SECOND  # the same worker, not begun anew
    hall.parish.take(post(102, 102, "v2", "that kettle is sick, sick"))
    assert hall.sentiment(hall.last()) == 1
    read = hall.said(hall.last()).heads["sentiment"]
    assert read.said == "positive" and read.read_by == f"{reader().digest[:12]} sentiment:{made.digest[:12]}"
    model_use.roll_back(hall.web, hall.ann, "sentiment", 0, "It reads kettles only.", hall.parish.now)
    hall.parish.now += 3 * SECOND
    hall.parish.take(post(103, 103, "v3", "that kettle is sick, sick"))
    assert hall.sentiment(hall.last()) == -1
    assert [(kind, data["number"], data["retired"]) for kind, data in hall.facts("model") if kind != "trained"] == [
        ("activated", 1, 0), ("rolled_back", 0, 1),
    ]  # fmt: skip
    assert [act.act for act in models.acts(hall.web, hall.ann.brand_id, 9)] == [
        "roll_back",
        "activate",
        "train",
    ]


def test_a_pasted_text_is_read_as_the_workers_read(hall: Hall) -> None:
    hall.teach(ROWS)

    def mood() -> int:
        imagined = trying.Imagined("that kettle is sick, sick", "mastodon")
        return trying.imagine(hall.web, hall.ann, hall.parish.brand, imagined, hall.parish.now)(
            reader()
        ).sentiment

    assert mood() == -1
    model_use.activate(hall.web, hall.ann, "sentiment", 1, hall.parish.now)
    assert mood() == 1
    model_use.roll_back(hall.web, hall.ann, "sentiment", 0, "Back.", hall.parish.now)
    assert mood() == -1


def test_verdicts_are_derived_again_whatever_model_read(hall: Hall) -> None:
    hall.teach(ROWS)
    hall.parish.take(post(1, 1, "u1", "that kettle is sick, sick, why?"))
    model_use.activate(hall.web, hall.ann, "sentiment", 1, hall.parish.now)
    hall.parish.now += 3 * SECOND
    hall.parish.take(post(2, 2, "u2", "that kettle is sick, sick, why?"))
    model_use.roll_back(hall.web, hall.ann, "sentiment", 0, "Back.", hall.parish.now)
    hall.parish.now += MINUTE
    with transaction(hall.conn):
        while nightly.step(hall.conn, KEYS.kek, hall.parish.now):
            pass
    assert hall.parish.rows(
        f"SELECT checked, different FROM policy_night WHERE brand_id = {hall.ann.brand_id}"
    ) == [(2, 0)]
    window = Window(hall.ann.brand_id, hall.parish.now - DAY, hall.parish.now + DAY)
    contexts = [one.context for chunk in replay(hall.conn, KEYS.kek, window) for one in chunk.posts]
    assert [one.read_by.split()[1:] for one in contexts] == [
        [],
        [f"sentiment:{models.get(hall.web, hall.ann.brand_id, 'sentiment', 1).digest[:12]}"],
    ]  # type: ignore[union-attr]
    assert contexts[0].sentiment != contexts[1].sentiment


def test_labels_are_kept_replaced_taken_back_and_told(hall: Hall) -> None:
    hall.parish.take(post(1, 1, "u1", "The worst service ever: three weeks, no parcel, and nobody answers."))
    seen, now = hall.said(hall.last()), hall.parish.now
    first = flow.give(hall.web, hall.ann, seen, "complaint", "yes", now)
    assert flow.give(hall.web, hall.ann, seen, "complaint", "yes", now) == first, "twice the same is once"
    second = flow.give(hall.web, hall.ann, seen, "complaint", "no", now + 1)
    other = flow.give(hall.web, hall.bo, seen, "complaint", "yes", now + 2)
    stand = labels.of_posts(hall.web, hall.ann.brand_id, [seen.interaction])
    assert [(one.id, one.by, one.value) for one in stand] == [(second, "Ann", "no"), (other, "Bo", "yes")]
    assert stand[0].said == "yes" and 0.5 < stand[0].chance <= 1 and stand[0].read_by == reader().digest[:12]
    with pytest.raises(Forbidden, match="Bo said this"):
        flow.take_back(hall.web, hall.ann, other, now + 3)
    flow.take_back(hall.web, hall.ann, second, now + 3)
    stand = labels.of_posts(hall.web, hall.ann.brand_id, [seen.interaction])
    assert [(one.id, one.value) for one in stand] == [(first, "yes"), (other, "yes")], (
        "the one before stands again"
    )
    with pytest.raises(NotFound):
        flow.take_back(hall.web, hall.ann, second, now + 4)
    told = hall.facts("label")
    assert [kind for kind, _ in told] == ["given", "given", "given", "taken_back"]
    assert told[1][1]["replaces"] == first and told[3][1]["again"] == first and "chance" in told[0][1]


def test_nobody_labels_what_they_may_not(hall: Hall) -> None:
    hall.parish.take(post(1, 1, "u1", "where is my parcel?"))
    seen, now = hall.said(hall.last()), hall.parish.now
    with pytest.raises(Forbidden, match="say what a post is"):
        flow.give(hall.web, hall.wim, seen, "spam", "no", now)
    with pytest.raises(Forbidden, match="Only a person"):
        flow.give(hall.web, replace(hall.ann, staff_id=0, name="robot"), seen, "spam", "no", now)
    with pytest.raises(Refused, match="Nothing is read as"):
        flow.give(hall.web, hall.ann, seen, "colour", "red", now)
    with pytest.raises(Refused, match="complaint is one of no, yes"):
        flow.give(hall.web, hall.ann, seen, "complaint", "maybe", now)
    with transaction(hall.conn):
        for who, number in ((hall.cy, hall.last()), (hall.ann, 1)):
            with pytest.raises(NotFound):
                flow.understood(hall.conn, KEYS.kek, who, number)
    hall.parish.take(post(2, 2, "acme", "We are on it.", own=True))
    with transaction(hall.conn), pytest.raises(Refused, match="our own"):
        flow.understood(hall.conn, KEYS.kek, hall.ann, hall.last())


def test_another_brand_sees_and_changes_nothing(hall: Hall) -> None:
    labelled(hall, 1)
    hall.teach(ROWS)
    with connect(hall.web.info.dsn) as other:
        other.execute("SELECT set_config('townhall.brand', %s, false)", [str(hall.cy.brand_id)])
        for table in (
            "post_label",
            "label_ask",
            "own_model",
            "own_model_file",
            "own_model_act",
            "label_round",
        ):
            assert other.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        with pytest.raises(NotFound):
            model_use.activate(other, hall.cy, "sentiment", 1, hall.parish.now, reason="Mine.")
        with pytest.raises(errors.InsufficientPrivilege):
            other.execute("UPDATE own_model_file SET raw = ''")
    with pytest.raises(Forbidden):
        model_use.activate(hall.web, hall.bo, "sentiment", 1, hall.parish.now)
    with pytest.raises(Forbidden):
        teaching.lesson(hall.web, hall.bo, "sentiment", ROWS)
    assert model_use.activate(hall.web, hall.wim, "sentiment", 1, hall.parish.now).number == 1


def test_disputed_edited_and_deleted_posts_teach_nothing(hall: Hall) -> None:
    posts = labelled(hall, 36)
    flow.give(hall.web, hall.bo, hall.said(posts[0]), "sentiment", "neutral", hall.parish.now)
    flow.give(hall.web, hall.bo, hall.said(posts[1]), "sentiment", ROWS[1][1], hall.parish.now)
    hall.parish.now += MINUTE
    with transaction(hall.conn):
        hall.conn.execute(
            "UPDATE interaction SET edited_at = now() + interval '1 hour' WHERE id = %s", [posts[2]]
        )
        hall.conn.execute("UPDATE interaction SET deleted_at = now() WHERE id = %s", [posts[3]])
    held = teaching.lesson(hall.web, hall.ann, "sentiment")
    assert (len(held.rows), held.disputed) == (33, 1)
    assert {text for text, _ in ROWS[:4]} & {text for text, _ in held.rows} == {ROWS[1][0]}
    with pytest.raises(Refused, match="there are 0"):
        teaching.lesson(hall.web, hall.ann, "spam")
    with pytest.raises(Refused, match="not 'cross'"):
        teaching.lesson(hall.web, hall.ann, "sentiment", [*ROWS, ("x", "cross")])


def test_what_is_not_better_wants_a_reason(hall: Hall) -> None:
    hall.teach(ROWS)
    model_use.activate(hall.web, hall.ann, "sentiment", 1, hall.parish.now)
    second = hall.teach(ROWS)
    assert second.card["against"] == {
        "model": "version 1",
        "digest": second.card["against"]["digest"],
        "rows": 0,
        "better": False,
    }
    with pytest.raises(Refused, match="0 posts only"):
        model_use.activate(hall.web, hall.ann, "sentiment", 2, hall.parish.now, reason="  ")
    first = model_use.activate(
        hall.web, hall.ann, "sentiment", 2, hall.parish.now, reason="The same, taught anew."
    )
    assert first.retired == 1
    with pytest.raises(Conflict, match="is in use"):
        model_use.activate(hall.web, hall.ann, "sentiment", 2, hall.parish.now, reason="Again.")
    with pytest.raises(Conflict, match="was in use before"):
        model_use.activate(hall.web, hall.ann, "sentiment", 1, hall.parish.now, reason="Again.")
    with pytest.raises(Refused, match="Say why"):
        model_use.roll_back(hall.web, hall.ann, "sentiment", 1, " ", hall.parish.now)
    assert model_use.roll_back(hall.web, hall.ann, "sentiment", 1, "Better.", hall.parish.now).retired == 2
    hall.teach(ROWS)
    model_use.roll_back(hall.web, hall.ann, "sentiment", 0, "Shipped.", hall.parish.now)
    with pytest.raises(Refused, match="not in use any more"):
        model_use.activate(hall.web, hall.ann, "sentiment", 3, hall.parish.now)
    with pytest.raises(Conflict, match="already"):
        model_use.roll_back(hall.web, hall.ann, "sentiment", 0, "Shipped.", hall.parish.now)
    with pytest.raises(Conflict, match="never in use"):
        model_use.roll_back(hall.web, hall.ann, "sentiment", 3, "Why not.", hall.parish.now)


def test_labels_that_mean_nothing_are_no_better(hall: Hall) -> None:
    rows = [(f"box {n} lane {n * 7 % 11}", "yes" if n * 2654435761 % 97 < 48 else "no") for n in range(60)]
    made = hall.teach(rows, "urgent")
    if not made.card["against"]["better"]:
        with pytest.raises(Refused, match="is not better"):
            model_use.activate(hall.web, hall.ann, "urgent", 1, hall.parish.now)
    assert made.card["against"]["luck"] > 0.01


def test_a_changed_file_is_refused_and_the_shipped_model_goes_on(hall: Hall, owner: Connection[Any]) -> None:
    hall.teach(ROWS)
    hall.teach(ROWS)
    owner.execute(
        "UPDATE own_model_file SET raw = set_byte(raw, 99, (get_byte(raw, 99) + 1) % 256) WHERE model_id = (SELECT min(id) FROM own_model)"
    )
    with pytest.raises(Refused, match="SHA-256"):
        model_use.activate(hall.web, hall.ann, "sentiment", 1, hall.parish.now)
    model_use.activate(hall.web, hall.ann, "sentiment", 2, hall.parish.now, reason="For the test.")
    owner.execute("UPDATE own_model_file SET raw = 'nonsense'")
    hall.parish.now += 3 * SECOND
    hall.parish.take(post(1, 1, "v1", "that kettle is sick, sick"))
    assert hall.sentiment(hall.last()) == -1 and hall.parish.house.taught.of == {}
    assert hall.said(hall.last()).heads["sentiment"].read_by == reader().digest[:12]
    with pytest.raises(Refused, match="SHA-256"):
        teaching.learn(reader(), teaching.lesson(hall.web, hall.ann, "sentiment", ROWS))


def test_put_to_use_exactly_once_by_many_at_once(hall: Hall) -> None:
    for _ in range(2):
        hall.teach(ROWS)
    outcomes: list[str] = []
    dsn = hall.web.info.dsn

    def press(number: int) -> None:
        with connect(dsn) as conn, transaction(conn, lock_timeout="30s"):
            for_brand(conn, hall.ann.brand_id)
            try:
                model_use.activate(conn, hall.ann, "sentiment", number, hall.parish.now, reason="Now.")
                outcomes.append("done")
            except (Conflict, Refused):
                outcomes.append("late")

    threads = [threading.Thread(target=press, args=(1 + n % 2,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("done") == 2 and len(outcomes) == 8
    assert len([1 for kind, _ in hall.facts("model") if kind == "activated"]) == 2
    assert hall.parish.rows("SELECT count(*) FROM own_model WHERE state = 'active'") == [(1,)]


def test_a_fall_between_leaves_all_or_nothing(hall: Hall) -> None:
    hall.teach(ROWS)
    told = len(hall.facts("model"))
    with pytest.raises(RuntimeError), transaction(hall.web, brand=hall.ann.brand_id):
        model_use.activate(hall.web, hall.ann, "sentiment", 1, hall.parish.now)
        raise RuntimeError("killed before the commit")
    assert hall.parish.rows("SELECT state, activated_at FROM own_model") == [("candidate", None)]
    assert len(hall.facts("model")) == told and len(models.acts(hall.conn, hall.ann.brand_id, 9)) == 1


def test_questions_are_found_answered_and_passed(hall: Hall) -> None:
    for number, text in enumerate(
        ("where is my parcel?", "it is still not here hm", "it is still not here hm", "ok so what now"), 1
    ):
        hall.parish.take(post(number, number, f"u{number}", text))
    seeker = asking.Asker()
    now = system_clock()
    with transaction(hall.conn):
        while seeker.round(hall.conn, now):
            pass
    found = asks.of_brand(hall.conn, hall.ann.brand_id)
    assert found and all(one.doubt >= 0.2 for one in found)
    for head in {one.head for one in found}:
        prints = [one.print for one in found if one.head == head]
        assert len(prints) == len(set(prints)), "a text that came twice is asked about once"
    one, two = found[0], found[1]
    flow.give(
        hall.web,
        hall.ann,
        hall.said(one.interaction),
        one.head,
        "yes"
        if one.head != "intent" and one.head != "sentiment"
        else "neutral"
        if one.head == "sentiment"
        else "other",
        now,
    )
    flow.pass_over(hall.web, hall.bo, two.head, two.interaction)
    flow.pass_over(hall.web, hall.bo, two.head, two.interaction)
    with pytest.raises(NotFound):
        flow.pass_over(hall.web, hall.bo, "spam", 1)
    with transaction(hall.conn):
        assert not seeker.round(hall.conn, now), "a brand's turn comes once a minute"
        while seeker.round(hall.conn, now + 2 * MINUTE):
            pass
    after = asks.of_brand(hall.conn, hall.ann.brand_id)
    assert (one.head, one.interaction) not in {(a.head, a.interaction) for a in after}
    assert [a.passed for a in after if (a.head, a.interaction) == (two.head, two.interaction)] == [
        [hall.bo.staff_id]
    ]
    with transaction(hall.conn):
        hall.conn.execute("UPDATE interaction SET deleted_at = now()")
        while seeker.round(hall.conn, now + 4 * MINUTE):
            pass
    assert asks.of_brand(hall.conn, hall.ann.brand_id) == []


def test_old_questions_end(hall: Hall) -> None:
    hall.parish.take(post(1, 1, "u1", "it is still not here hm"))
    seeker, now = asking.Asker(), system_clock()
    for at in (now, now + 29 * DAY):
        with transaction(hall.conn):
            while seeker.round(hall.conn, at):
                pass
        left: Instant = len(asks.of_brand(hall.conn, hall.ann.brand_id))
        assert bool(left) == (at == now)


def test_a_version_is_taught_in_the_background_once_for_each_wish(hall: Hall) -> None:
    with pytest.raises(Refused, match="there are 0"):
        lessons.ask(hall.web, hall.wim, "sentiment", hall.parish.now)
    labelled(hall)
    with pytest.raises(Forbidden):
        lessons.ask(hall.web, hall.bo, "sentiment", hall.parish.now)
    lessons.ask(hall.web, hall.wim, "sentiment", hall.parish.now)
    with pytest.raises(Conflict, match="already"):
        lessons.ask(hall.web, hall.ann, "sentiment", hall.parish.now + 1)
    teacher = lessons.Teacher()
    assert teacher.step(hall.conn, system_clock) and not teacher.step(hall.conn, system_clock)
    made = models.get(hall.web, hall.ann.brand_id, "sentiment", 1)
    assert made is not None and (made.made_by, made.state, made.card["source"]) == (
        "Wim",
        "candidate",
        "labels",
    )
    assert lessons.wished(hall.web, hall.ann)["sentiment"].state == "done"
    assert [kind for kind, _ in hall.facts("model")] == ["asked", "trained"]


def test_who_falls_while_teaching_leaves_the_wish(hall: Hall) -> None:
    labelled(hall)
    lessons.ask(hall.web, hall.ann, "sentiment", hall.parish.now)
    seen = wishes.waiting(hall.conn)
    assert seen is not None

    def killed() -> Instant:
        raise KeyboardInterrupt("killed before the candidate was kept")

    with pytest.raises(KeyboardInterrupt):
        lessons.Teacher().step(hall.conn, killed)
    assert (
        wishes.waiting(hall.conn) == seen and models.get(hall.web, hall.ann.brand_id, "sentiment", 1) is None
    )
    assert lessons.Teacher().step(hall.conn, system_clock)
    assert len(models.versions(hall.web, hall.ann.brand_id, 0, 9)) == 1
    labels_gone = "UPDATE post_label SET ended_at = now()"
    lessons.ask(hall.web, hall.ann, "sentiment", hall.parish.now + 1)
    hall.conn.execute(labels_gone)
    assert lessons.Teacher().step(hall.conn, system_clock)
    assert "there are 0" in lessons.wished(hall.web, hall.ann)["sentiment"].error
