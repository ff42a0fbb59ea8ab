"""The way of an answer stands at its post in the thread, and at its receipt until it is there."""

from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person, free_case
from stage_house import ANN, BO, CY, Stage, look_round

from townhall.database.connect import connect

pytestmark = [pytest.mark.browser, pytest.mark.database]

RELEASE = (
    "INSERT INTO release (brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to,"
    " in_reply_to, conversation, text, digest, salt, author_id, author, made_at, findings, seen_post, state)"
    " SELECT c.brand_id, c.id, c.thread_id, c.account_id, 'mastodon', %s, 'public', '', c.latest_post, '', '', %s,"
    " sha256(random()::text::bytea), substring(sha256('y') for 16), s.id, s.name, now() - interval '3 min', '[]', 0, 'released'"
    " FROM cases c, staff s WHERE c.id = %s AND s.email = %s RETURNING id"
)
DELIVERY = (
    "INSERT INTO delivery (brand_id, release_id, account_id, channel, thread_id, decision, idempotency_key, digest, state,"
    " not_before, go_by, error, native_id, url, sent_at, seen_at, changed_at) SELECT brand_id, id, account_id, channel,"
    " thread_id, 'd' || id, 'k' || id, digest, %s, now(), now(), %s, %s, %s, now(), now(), now() FROM release WHERE id = %s RETURNING id"
)


def test_the_steps_of_a_sent_answer_stand_at_its_post(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]]
) -> None:
    ((case, native),) = rows(
        "SELECT c.id, i.native_id FROM cases c JOIN interaction i ON i.thread_id = c.thread_id AND i.account_id = c.account_id"
        " JOIN identity p ON p.id = i.author_id AND p.own WHERE NOT EXISTS (SELECT FROM release r WHERE r.case_id = c.id)"
        " AND c.state <> 'merged' ORDER BY c.id LIMIT 1"
    )
    ((release,),) = rows(RELEASE, "public", "It comes on Monday, we promise.", case, BO)
    rows(DELIVERY, "sent", "", native, "https://plaza.example/1", release)
    try:
        rows(
            "INSERT INTO approval (brand_id, release_id, staff_id, approver, roles, digest, approved_at)"
            " SELECT brand_id, id, 1, 'Mina Sato', '{lead}', digest, now() FROM release WHERE id = %s RETURNING id",
            release,
        )
        page = desk(BO).sees(f"/case/{case}/").text
        way = page.split('aria-label="How it got there"')[1].split("</ol>")[0]
        places = [
            way.index(word)
            for word in (
                "written by",
                "Bo Lindqvist",
                "approved by",
                "Mina Sato",
                "accepted by",
                "seen there",
            )
        ]
        assert places == sorted(places) and 'href="https://plaza.example/1"' in way and "<time " in way
        assert f'id="release-{release}"' not in page, "no receipt beside it"
    finally:
        rows("DELETE FROM delivery WHERE release_id = %s RETURNING 1", release)
        rows("DELETE FROM approval WHERE release_id = %s RETURNING 1", release)
        rows("DELETE FROM release WHERE id = %s RETURNING 1", release)


@pytest.mark.parametrize(
    ("state", "words", "acts"),
    [
        ("failed", "not sent", ["Send now"]),
        ("doubtful", "in doubt", ["It is there", "It is not there, send again"]),
        ("overdue", "needs a new time", ["Withdraw", "Send now"]),
    ],
)
def test_what_went_wrong_says_so_with_the_act_that_helps(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], state: str, words: str, acts: list[str]
) -> None:
    case = free_case(rows, 0)
    ((release,),) = rows(RELEASE, "private", "Hello.", case, BO)
    rows(DELIVERY, state, "the network said 403", "", "", release)
    try:
        page = desk(BO).sees(f"/case/{case}/").text
        receipt = page.split(f'id="release-{release}"')[1].split("</div>")[0]
        assert words in receipt and "the network said 403" in receipt and "How it got there" in receipt
        assert all(f">{act}<" in receipt for act in acts)
        assert ("visibility=direct" in receipt) == (state == "failed"), "by hand, where the network would not"
        assert ">Withdraw<" not in desk(ANN).sees(f"/case/{case}/").text
    finally:
        rows("DELETE FROM delivery WHERE release_id = %s RETURNING 1", release)
        rows("DELETE FROM release WHERE id = %s RETURNING 1", release)


def test_what_is_in_doubt_is_told_and_found(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    case = free_case(rows, 0)
    ((release,),) = rows(RELEASE, "public", "Did this go out?", case, BO)
    ((delivery,),) = rows(DELIVERY, "doubtful", "the line broke", "", "", release)
    try:
        with connect(staged.database.dsn("worker")) as conn:
            look_round(conn, staged.brand)
        live = desk(ANN).sees("/figures/").text
        assert "1 reply is in doubt" in live and "To what is in doubt" in live
        found = desk(ANN).sees("/approvals/").text.split('id="stuck"')[1].split("</section>")[0]
        assert "Did this go out?" in found and f"/case/{case}/#release-{release}" in found
        assert "Did this go out?" not in desk(CY).sees("/approvals/").text
        desk(BO).sends(f"/release/{release}/settle/", was_sent="yes")
        assert rows("SELECT state FROM delivery WHERE id = %s", delivery) == [("sent",)]
        assert 'id="stuck"' not in desk(ANN).sees("/approvals/").text
        with connect(staged.database.dsn("worker")) as conn:
            look_round(conn, staged.brand)
        assert "in doubt" not in desk(ANN).sees("/figures/").text
    finally:
        rows("DELETE FROM delivery WHERE release_id = %s RETURNING 1", release)
        rows("DELETE FROM release WHERE id = %s RETURNING 1", release)
