"""From public to private: which line is said, and what becomes of what was being written."""

from collections.abc import Callable
from typing import Any

import pytest
from office import NOW, Office

from townhall.channels import CHANNELS
from townhall.flow import answers, outbound
from townhall.flow.moving import move_to_private
from townhall.flow.outbound import Composed
from townhall.flow.outbound_outcome import Held, Released, Silenced
from townhall.kernel.clock import SECOND
from townhall.kernel.errors import Forbidden, NotFound, Refused
from townhall.outbound.logic.moving import USUAL, Line, polite_line, why_not_move

Desk = Callable[..., Any]


@pytest.mark.parametrize(
    ("stored", "language", "said"),
    [
        ([], "en", "Thank you for writing, Dana. So that nothing personal stands here in public, we go on in a private message. ways/1"),
        ([], "xx", "Thank you for writing, Dana. So that nothing personal stands here in public, we go on in a private message. ways/1"),
        ([Line("Come along, {name}!")], "de", "Come along, Dana!"),
        ([Line("Komm mit: {link}", "DE"), Line("Come along")], "de-AT", "Komm mit: ways/1"),
        ([Line("Komm mit", "de")], "fr", None),
    ],
)  # fmt: skip
def test_the_closest_line_is_said(stored: list[Line], language: str, said: str | None) -> None:
    expected = said or USUAL["fr"].format(name="Dana", link="ways/1")
    assert polite_line(stored, language, "Dana", "ways/1") == expected


def test_what_is_not_known_leaves_no_hole() -> None:
    for text in USUAL.values():
        bare = polite_line([Line(text)], "", "", "")
        assert "{" not in bare and "  " not in bare and " ." not in bare and ",." not in bare
        assert bare.endswith(".")


def test_where_a_thread_can_be_moved() -> None:
    assert why_not_move(True, True, "") and why_not_move(False, False, "")
    assert not why_not_move(False, True, "") and not why_not_move(False, False, "https://by.hand")


def test_addresses_of_the_networks() -> None:
    x, mastodon = CHANNELS["x"].card, CHANNELS["mastodon"].card
    assert x.to_us("42", "brook", "") == "https://x.com/messages/compose?recipient_id=42"
    assert x.to_us("", "brook", "") == "", "an address without its person is none"
    assert x.to_them("4&2", "d", "") == "https://x.com/messages/compose?recipient_id=4%262"
    assert mastodon.to_us("42", "brook", "https://s.example") == ""
    by_hand = mastodon.to_them("1", "dana@far.example", "https://s.example/")
    assert by_hand == "https://s.example/share?text=%40dana%40far.example%20&visibility=direct"


@pytest.mark.database
def test_the_line_goes_through_the_door_and_the_draft_goes_along(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann", "agent", "lead"), office.case()
    at_desk(
        answers.store_answer,
        ann,
        "Private",
        "Dear {name}, in private please.",
        NOW,
        language="en",
        purpose="to_private",
    )
    at_desk(outbound.save_draft, ann, case, "private", "Hello.", NOW)
    at_desk(outbound.save_draft, ann, case, "public", "Your street is 4 Elm", NOW)
    came = at_desk(move_to_private, ann, Composed(case_id=case, kind="public", text=""), NOW)
    assert isinstance(came, Released)
    assert office.one("SELECT text FROM release WHERE kind = 'public'") == "Dear Dana, in private please."
    assert office.conn.execute("SELECT kind, text FROM draft").fetchall() == [
        ("private", "Hello.\n\nYour street is 4 Elm")
    ]
    assert office.states() == {"waiting": 1}
    assert office.one("SELECT sum(facts) FROM fact_block") == 3, "stored, released, moved"


@pytest.mark.database
def test_a_refused_line_is_kept_and_loses_nothing(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    at_desk(outbound.save_draft, ann, case, "public", "Half an answer", NOW)
    office.conn.execute("UPDATE brand SET state = 'observe' WHERE id = %s", [office.brand])
    first = at_desk(move_to_private, ann, Composed(case_id=case, kind="public", text="In private?"), NOW)
    assert isinstance(first, Silenced)
    again = Composed(case_id=case, kind="public", text="In private, please?")
    assert isinstance(at_desk(move_to_private, ann, again, NOW + SECOND, again=True), Silenced)
    kept = dict(office.conn.execute("SELECT kind, text FROM draft").fetchall())
    assert kept == {"private": "Half an answer", "public": "In private, please?"}
    assert not office.states()


@pytest.mark.database
def test_a_line_is_judged_like_every_text(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    said = Composed(case_id=case, kind="public", text="Ring +44 20 7946 0991 in private.")
    assert isinstance(at_desk(move_to_private, ann, said, NOW), Held)


@pytest.mark.database
def test_what_cannot_move_is_refused(office: Office, at_desk: Desk) -> None:
    ann, bo = office.staff("Ann"), office.staff("Bo", "compliance")
    hidden = office.case(visibility="direct")
    said = Composed(case_id=hidden, kind="public", text="")
    with pytest.raises(Refused, match="private already"):
        at_desk(move_to_private, ann, said, NOW)
    with pytest.raises(Forbidden):
        at_desk(move_to_private, bo, said, NOW)
    cy = Office(office.conn, "oakby").staff("Cy")
    with pytest.raises(NotFound):
        at_desk(move_to_private, cy, said, NOW)


@pytest.mark.database
def test_a_brand_has_one_line_for_a_language(office: Office, at_desk: Desk) -> None:
    ann = office.staff("Ann", "lead")
    for name in ("One", "Two"):
        at_desk(answers.store_answer, ann, name, f"{name} it is", NOW, language="en", purpose="to_private")
    at_desk(answers.store_answer, ann, "Three", "Plain", NOW, language="en")
    kept = office.conn.execute("SELECT name FROM macro WHERE retired_at IS NULL ORDER BY name").fetchall()
    assert kept == [("Three",), ("Two",)]
    with pytest.raises(Refused):
        at_desk(answers.store_answer, ann, "Four", "x", NOW, purpose="to_the_moon")
