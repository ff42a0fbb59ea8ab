"""Setting a brand's own system: by its administrators alone, recorded, with a secret that lies sealed and is read by no page."""

from typing import Any

import psycopg
import pytest
from psycopg import Connection

from tests.acme import Act, admin, brand, do
from tests.flow.parish import KEYS, START
from townhall.beside import store
from townhall.beside.ask import Question
from townhall.channels.webhook.signature import key_of, verify
from townhall.database.connect import for_brand, transaction
from townhall.flow import own_systems as acts
from townhall.flow.own_systems import Given
from townhall.kernel.clock import MINUTE, SECOND
from townhall.kernel.errors import Forbidden, NotFound, Refused
from townhall.people.brands import Brand

__all__ = ["brand", "do"]

CRM = Given(name="Orders", address="https://crm.example/townhall")
OWN_SECRET = "whsec_" + "A" * 40


def facts(worker: Connection[Any]) -> int:
    row = worker.execute("SELECT count(*) FROM fact_block").fetchone()
    assert row
    return int(row[0])


def test_it_gets_a_secret_that_is_shown_once_and_lies_sealed(
    do: Act, worker: Connection[Any], brand: Brand
) -> None:
    made = do(acts.put_panel, KEYS, admin(brand), CRM, START)
    assert len(key_of(made)) == 32
    access = store.access(worker, KEYS.kek, brand.id, "panel")
    assert access == store.Access("https://crm.example/townhall", True, made)
    stored = str(worker.execute("SELECT own_system::text FROM own_system").fetchall())
    assert made not in stored and made.encode().hex() not in stored
    before = facts(worker)
    assert do(acts.put_panel, KEYS, admin(brand), CRM, START + SECOND) == "", "the same again is no change"
    assert facts(worker) == before
    moved = Given(name="  Our   orders ", address="https://new.example/")
    assert do(acts.put_panel, KEYS, admin(brand), moved, START + SECOND) == ""
    assert store.access(worker, KEYS.kek, brand.id, "panel") == store.Access(
        "https://new.example/", True, made
    )
    known = store.one(worker, brand.id, "panel")
    assert known and (known.name, known.set_by, known.has_secret) == ("Our orders", "Ann", True)
    assert facts(worker) == before + 1


def test_a_secret_of_ones_own_another_and_the_end(do: Act, worker: Connection[Any], brand: Brand) -> None:
    given = Given(name="Orders", address="https://crm.example/", secret=OWN_SECRET)
    assert do(acts.put_panel, KEYS, admin(brand), given, START) == ""
    fresh = do(acts.renew_secret, KEYS, admin(brand), START)
    access = store.access(worker, KEYS.kek, brand.id, "panel")
    assert access and access.secret == fresh != OWN_SECRET
    do(acts.let_go, admin(brand), "panel", START)
    assert store.access(worker, KEYS.kek, brand.id, "panel") is None
    for again in (
        lambda: do(acts.let_go, admin(brand), "panel", START),
        lambda: do(acts.renew_secret, KEYS, admin(brand), START),
    ):
        with pytest.raises(NotFound):
            again()
    assert acts.panel_question(worker, KEYS, (brand.id, "acme"), 1, (), START) is None


@pytest.mark.parametrize(
    "given",
    [
        Given(name="", address="https://crm.example/"), Given(name="x" * 41, address="https://crm.example/"),
        Given(name="a\u202eb", address="https://crm.example/"), Given(name="O", address=""),
        Given(name="O", address="http://crm.example/"), Given(name="O", address="https://10.0.0.7/"),
        Given(name="O", address="https://127.0.0.1/", inside=frozenset({"crm.example"})),
        Given(name="O", address="https://u:p@crm.example/"), Given(name="O", address="https://" + "x" * 2_000),
        Given(name="O", address="https://crm.example/", secret="short"),
    ],
)  # fmt: skip
def test_what_cannot_be_set(do: Act, worker: Connection[Any], brand: Brand, given: Given) -> None:
    with pytest.raises(Refused):
        do(acts.put_panel, KEYS, admin(brand), given, START)
    assert worker.execute("SELECT count(*) FROM own_system").fetchone() == (0,)


def test_a_host_inside_that_the_operator_named(do: Act, brand: Brand) -> None:
    given = Given(name="O", address="http://crm.inside:8000/", inside=frozenset({"crm.inside"}))
    assert do(acts.put_panel, KEYS, admin(brand), given, START)


def test_an_address_of_the_operators_stays_theirs_until_another_is_set(
    do: Act, worker: Connection[Any], brand: Brand
) -> None:
    with transaction(worker):
        store.put(
            worker,
            KEYS.kek,
            brand.id,
            "panel",
            "O",
            store.Access("http://127.0.0.1:7/", False, OWN_SECRET),
            {},
            "x",
            START,
        )
    no, named = frozenset[str](), frozenset({"127.0.0.1"})
    with pytest.raises(Refused):
        do(acts.put_panel, KEYS, admin(brand), Given(name="P", address="http://127.0.0.1:8/"), START)
    for address, inside, outside in (
        ("http://127.0.0.1:7/", no, False),
        ("http://127.0.0.1:8/", named, True),
    ):
        do(acts.put_panel, KEYS, admin(brand), Given(name="P", address=address, inside=inside), START)
        access = store.access(worker, KEYS.kek, brand.id, "panel")
        assert access and access.outside is outside


@pytest.mark.parametrize("role", ["agent", "lead", "compliance", "security", "analyst", "executive"])
def test_administrators_alone(do: Act, brand: Brand, role: str) -> None:
    with pytest.raises(Forbidden):
        do(acts.put_panel, KEYS, admin(brand, role), CRM, START)
    for verb, more in ((acts.renew_secret, (KEYS,)), (acts.let_go, ())):
        with pytest.raises(Forbidden):
            do(verb, *more, admin(brand, role), *(("panel",) if verb is acts.let_go else ()), START)


def test_the_question_is_signed_by_the_secret(do: Act, worker: Connection[Any], brand: Brand) -> None:
    made = do(acts.put_panel, KEYS, admin(brand), CRM, START)
    question = acts.panel_question(worker, KEYS, (brand.id, "acme"), 12, (), START)
    assert question and (question.address, question.outside, question.most, question.whole_s) == (
        CRM.address, True, 65_536, 1.5,
    )  # fmt: skip
    assert verify(question.headers, question.body, [made], START) == f"panel_12_{START}"


def test_pages_see_their_own_brand_and_no_secret(
    do: Act, worker: Connection[Any], web: Connection[Any], brand: Brand
) -> None:
    do(acts.put_panel, KEYS, admin(brand), CRM, START)
    with transaction(web):
        for_brand(web, brand.id)
        assert store.one(web, brand.id, "panel")
        store.note(web, brand.id, "panel", START, "it hangs")
    with transaction(web):
        for_brand(web, brand.id + 1)
        assert store.one(web, brand.id, "panel") is None
        store.note(web, brand.id, "panel", START, "of another brand")
    for forbidden in (
        "SELECT secret_body FROM own_system", "SELECT outside FROM own_system", "DELETE FROM own_system",
        "UPDATE own_system SET address = 'https://evil.example/'", "INSERT INTO own_system (brand_id) VALUES (1)",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(web):
            for_brand(web, brand.id)
            web.execute(forbidden)
    known = store.one(worker, brand.id, "panel")
    assert known and known.failed_why == "it hangs"


def test_what_became_of_questions_is_written_once_a_minute_or_when_it_changes(
    do: Act, worker: Connection[Any], brand: Brand
) -> None:
    do(acts.put_panel, KEYS, admin(brand), CRM, START)
    seen = []
    for at, why in ((0, "slow"), (1, "slow"), (2, ""), (3, ""), (70, ""), (71, "x" * 900), (71, "x" * 900)):
        do(store.note, brand.id, "panel", START + at * SECOND, why)
        known = store.one(worker, brand.id, "panel")
        assert known
        seen.append(
            (
                (known.answered_at - START) // SECOND if known.answered_at else -1,
                (known.failed_at - START) // SECOND,
                len(known.failed_why),
            )
        )
    assert seen == [(-1, 0, 4), (-1, 0, 4), (2, 0, 0), (2, 0, 0), (70, 0, 0), (70, 71, 400), (70, 71, 400)]
    assert store.QUIET == MINUTE


def test_what_it_said_may_hold_any_sign(do: Act, worker: Connection[Any], brand: Brand) -> None:
    do(acts.put_panel, KEYS, admin(brand), CRM, START)
    do(store.note, brand.id, "panel", START, "Invalid value '\x00'")
    known = store.one(worker, brand.id, "panel")
    assert known and known.failed_why == "Invalid value '\ufffd'"


def test_no_secret_is_printed(do: Act, worker: Connection[Any], brand: Brand) -> None:
    given = Given(name="Orders", address=CRM.address, secret=OWN_SECRET)
    do(acts.put_panel, KEYS, admin(brand), given, START)
    access = store.access(worker, KEYS.kek, brand.id, "panel")
    asked = Question("translation/1", CRM.address, b'{"api_key":"whsec_A"}', {}, 9, 1.0)
    assert access and access.secret == OWN_SECRET
    assert all("whsec_" not in shown for shown in map(repr, (given, access, asked)))
