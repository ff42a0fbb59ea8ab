"""A frozen live page: what was seen is what is kept, for whom it is meant, for as long as it is said."""

import hashlib
from typing import Any

import msgspec
import pytest
from psycopg import Connection
from town import NOW, Town, moment

from townhall.analytics import frozen as store
from townhall.analytics.periods import PERIODS
from townhall.desk.live import live
from townhall.flow import frozen
from townhall.journal.logic.block import unsqueeze
from townhall.kernel.clock import MINUTE, SECOND
from townhall.kernel.errors import Forbidden, NotFound, Refused
from townhall.people.doors import Asker

pytestmark = pytest.mark.database
DAY_VIEW = PERIODS["d"]


class House:
    """A brand with Ann and Bo, a customer's words in what rises, and Cy of another brand."""

    def __init__(self, owner: Connection[Any], web: Connection[Any]) -> None:
        self.owner, self.web, self.town = owner, web, Town(owner)
        self.ann, self.bo = self.town.staff("Ann Able", "lead"), self.town.staff("Bo Best")
        self.other = Town(owner, "oak")
        self.cy = self.other.staff("Cy Marsh", "lead")
        post = self.town.post(self.town.thread(), self.town.person("cleo"), "my secret name is Cleo", NOW)
        owner.execute(
            "INSERT INTO rollup_topic (brand_id, slot, topic, posts, example) VALUES (%s, %s, 'signal', 20, %s)",
            [self.town.brand, moment(NOW), post],
        )
        self.town.see(web)

    def send(self, who: Asker, *to: Asker, note: str = "") -> store.Frozen:
        return frozen.send(self.web, who, DAY_VIEW, note, [one.staff_id for one in to], NOW)


@pytest.fixture
def house(owner: Connection[Any], web: Connection[Any]) -> House:
    return House(owner, web)


def test_what_is_kept_is_what_was_seen_without_customers_words(house: House) -> None:
    seen = live(house.web, house.town.brand, NOW, DAY_VIEW)
    made = house.send(house.ann, note="  Look at parcels.  ")
    house.town.asks("dan", "still no signal")  # what happens later changes nothing
    kept = frozen.read(house.web, house.bo, made.id, NOW + MINUTE)
    body = frozen.opened(kept)
    assert body.view.figures == seen.figures and body.view.tables == seen.tables
    assert body.view.topics[0].phrase == seen.topics[0].phrase and seen.topics[0].example_text
    assert "secret" not in kept.body and body.view.topics[0].example_text == ""
    assert (kept.note, kept.maker_name, kept.period) == ("Look at parcels.", "Ann Able", "d")
    assert kept.digest == hashlib.sha256(kept.body.encode()).hexdigest()


def test_colleagues_are_told_and_the_record_holds_the_digest(house: House) -> None:
    made = house.send(house.ann, house.bo, note="Look.")
    told = house.owner.execute("SELECT staff_id, kind, title, url, urgent FROM notice").fetchall()
    assert told == [
        (
            house.bo.staff_id, "view/sent", "Ann Able sent you the live page as it stood: Look.",
            f"/figures/sent/{made.id}/", False,
        )
    ]  # fmt: skip
    facts = b"".join(
        unsqueeze(row[0]) for row in house.owner.execute("SELECT body FROM fact_block ORDER BY id")
    )
    assert (
        b"townhall.view.frozen" in facts and made.digest.encode() in facts and made.id.encode() not in facts
    )


def test_nobody_else_sees_it(house: House) -> None:
    made = house.send(house.ann)
    house.other.see(house.web)
    with pytest.raises(NotFound):
        frozen.read(house.web, house.cy, made.id, NOW)
    assert store.standing(house.web, house.other.brand, NOW, 9) == []
    assert store.read(house.web, house.town.brand, made.id, NOW) is None, (
        "the database keeps it from the brand too"
    )
    house.town.see(house.web)
    stranger = Asker(
        staff_id=9, name="Nobody", brand_id=house.town.brand, brand_slug="brook", roles=frozenset()
    )
    for act in (
        lambda: frozen.read(house.web, stranger, made.id, NOW),
        lambda: frozen.send(house.web, stranger, DAY_VIEW, "", [], NOW),
        lambda: frozen.delete(house.web, stranger, made.id, NOW),
    ):
        with pytest.raises(Forbidden):
            act()


def test_its_maker_deletes_it_and_time_does(house: House) -> None:
    made, second = house.send(house.ann), house.send(house.ann)
    with pytest.raises(Forbidden):
        frozen.delete(house.web, house.bo, made.id, NOW)
    frozen.delete(house.web, house.ann, made.id, NOW)
    for later in (NOW, NOW + SECOND):
        with pytest.raises(NotFound):
            frozen.read(house.web, house.ann, made.id, later)
    assert frozen.read(house.web, house.bo, second.id, NOW + frozen.KEPT_FOR - 1)
    with pytest.raises(NotFound):
        frozen.read(house.web, house.bo, second.id, NOW + frozen.KEPT_FOR)
    assert store.sweep(house.owner, NOW + frozen.KEPT_FOR - 1) == 0
    assert store.sweep(house.owner, NOW + frozen.KEPT_FOR) == 1


def test_programs_of_two_names_are_two_makers(house: House) -> None:
    def program(name: str) -> Asker:
        return Asker(
            staff_id=0, name=name, brand_id=house.town.brand, brand_slug="brook", roles=frozenset({"analyst"})
        )

    made = house.send(program("wall"))
    with pytest.raises(Forbidden):
        frozen.delete(house.web, program("pack"), made.id, NOW)
    frozen.delete(house.web, program("wall"), made.id, NOW)


def test_it_is_bounded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for note, to in (
        ("x" * 501, []),
        ("", [house.cy.staff_id]),
        ("", [house.ann.staff_id]),
        ("", list(range(21))),
    ):
        with pytest.raises(Refused):
            frozen.send(house.web, house.ann, DAY_VIEW, note, to, NOW)
    monkeypatch.setattr(frozen, "MOST_STANDING", 2)
    first, _ = house.send(house.ann), house.send(house.bo)
    with pytest.raises(Refused):
        house.send(house.ann)
    frozen.delete(house.web, house.ann, first.id, NOW)
    assert house.send(house.ann)
    assert len(store.standing(house.web, house.town.brand, NOW, 9)) == 2


def test_ids_are_not_guessed(house: House) -> None:
    ids = {house.send(house.ann).id for _ in range(20)}
    assert len(ids) == 20 and all(len(one) >= 24 for one in ids)
    assert msgspec.json.decode(house.send(house.ann).body)["view"]["brand"] == "brook"
