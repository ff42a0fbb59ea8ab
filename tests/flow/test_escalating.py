"""What a rule takes to a person at once: told once, within the watch's next look, to whoever holds the case or leads."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct
from psycopg import Connection
from town import Town

from tests.flow.parish import START, Parish, post
from townhall import journal
from townhall.database import Database
from townhall.database.connect import transaction
from townhall.desk.duty import notices as told
from townhall.flow import escalating
from townhall.flow.escalating import FEW
from townhall.kernel.clock import DAY, MINUTE
from townhall.people.doors import Asker

pytestmark = pytest.mark.database
GAS = "I can smell gas leak in the kitchen since your engineer left"


class Firm(Struct):
    """A brand with a lead and an agent."""

    parish: Parish
    lee: Asker
    ann: Asker

    def tell(self) -> int:
        with transaction(self.parish.connection):
            return escalating.tell(self.parish.connection, self.parish.now)

    def heard(self, one: Asker) -> list[tuple[str, bool, int, str]]:
        found = told(self.parish.connection, self.parish.brand.id, one.staff_id)
        return [(n.subject, n.urgent, n.count, n.url) for n in found if n.kind == "escalated"]

    def facts(self) -> list[dict[str, Any]]:
        conn = self.parish.connection
        blocks = [int(str(row[0])) for row in self.parish.rows("SELECT id FROM fact_block ORDER BY id")]
        kept = journal.blobs(conn, blocks)
        found = [json.loads(blob) for block in blocks for blob in kept[block]]
        return [fact["data"] for fact in found if fact["type"] == "townhall.case.escalated"]


@pytest.fixture
def firm(database: Database, open_as: Callable[..., Connection[Any]]) -> Firm:
    parish = Parish(database, open_as("worker"))
    town = Town(open_as("owner"), "desk")
    town.brand = parish.brand.id
    return Firm(parish, town.staff("Lee Lead", "lead"), town.staff("Ann Able"))


def test_a_free_case_is_told_to_the_lead_once(firm: Firm) -> None:
    firm.parish.take(post(1, 1, "ines", GAS), post(2, 2, "omar", "lovely weather"))
    ((id, case),) = firm.parish.rows("SELECT latest_post, id FROM cases")
    assert (firm.tell(), firm.tell()) == (1, 0)
    assert firm.heard(firm.lee) == [(f"case/{case}", True, 1, f"/case/{case}/")]
    assert firm.heard(firm.ann) == []
    assert firm.facts() == [{"post": id, "rule": "danger", "told": firm.lee.staff_id}]
    firm.parish.take(post(1, 1, "ines", GAS))
    assert firm.tell() == 0, "a repeated delivery escalates nothing"


def test_who_holds_the_case_is_told_of_the_next_word(firm: Firm) -> None:
    firm.parish.take(post(1, 1, "ines", "why is my bill so high?", root=1))
    ((case,),) = firm.parish.rows("SELECT id FROM cases")
    firm.parish.connection.execute("UPDATE cases SET assignee_id = %s", [firm.ann.staff_id])
    firm.parish.take(
        post(2, 2, "ines", GAS, root=1, parent=1), post(3, 3, "ines", GAS + " now", root=1, parent=1)
    )
    assert firm.tell() == 2
    assert (
        firm.heard(firm.ann) == [(f"case/{case}", True, 2, f"/case/{case}/")] and firm.heard(firm.lee) == []
    )


def test_many_at_once_are_one_notice_of_the_queue(firm: Firm) -> None:
    for number in range(FEW):
        firm.parish.take(post(number + 1, 1, f"few{number}", GAS))
    assert firm.tell() == FEW and len(firm.heard(firm.lee)) == FEW
    for number in range(FEW + 1):
        firm.parish.take(post(number + 11, 1, f"many{number}", GAS))
    assert firm.tell() == FEW + 1
    assert ("queue/safety", True, FEW + 1, "/inbox/?queue=safety") in firm.heard(firm.lee)


def test_old_posts_are_no_news_and_without_anybody_it_is_recorded(firm: Firm) -> None:
    firm.parish.now = START + MINUTE + DAY
    firm.parish.take(post(1, 1, "ines", GAS))
    assert firm.parish.rows("SELECT effect FROM interaction") == [("escalate",)] and firm.tell() == 0
    firm.parish.now -= 1
    firm.parish.take(post(2, 1, "omar", GAS))
    firm.parish.rows("UPDATE staff SET is_active = false RETURNING 1")
    assert firm.tell() == 1 and firm.heard(firm.lee) == []
    assert [fact["told"] for fact in firm.facts()] == [0]


def test_whoever_falls_between_loses_and_doubles_nothing(
    firm: Firm, open_as: Callable[..., Connection[Any]]
) -> None:
    firm.parish.take(post(1, 1, "ines", GAS))
    other = open_as("worker")
    with pytest.raises(KeyError), transaction(firm.parish.connection):
        assert escalating.tell(firm.parish.connection, firm.parish.now) == 1
        with transaction(other):
            assert escalating.tell(other, firm.parish.now) == 0, "one who looks meanwhile waits for nobody"
        raise KeyError("fell")
    assert firm.facts() == [] and firm.heard(firm.lee) == []
    assert firm.tell() == 1 and len(firm.heard(firm.lee)) == len(firm.facts()) == 1
