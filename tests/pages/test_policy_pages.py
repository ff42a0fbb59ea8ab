"""The policy pages without a browser: what they say, to whom, and by how many queries."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, BO, CY, Stage

from townhall.flow import trying
from townhall.flow.opening import starter
from townhall.policy.logic import EFFECTS, PRIORITIES, Context, parse_policy
from townhall.web.pages.policy_try import said
from townhall.web.pages.policy_words import GROUPS

pytestmark = [pytest.mark.database, pytest.mark.browser]


def test_every_effect_is_a_head_of_rules() -> None:
    assert set(GROUPS) == set(EFFECTS)


def test_the_policy_is_read_with_its_use(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    page = desk(BO).client.get("/policy/").text
    for rule, posts in rows(
        "SELECT rule, count(*) FROM interaction WHERE direction = 'in' AND rule <> '' AND brand_id = %s GROUP BY rule",
        staged.brand,
    ):
        line = re.search(rf'id="rule-{rule}".*?</tr>', page, re.S)
        assert line and f"<span>{posts:,}<span" in line[0], rule
    assert "customer safety" in page and "What no rule covers" in page
    alone = desk(BO).client.get("/policy/rule/outage/").text
    then = re.search(r"<p>Answer in public</p>.*?<p class=\"meta\">Queue outages, urgent priority</p>", alone)
    assert then and "<p>First answer within 30 min" in then[0]
    assert then[0] in page, "the same words in both places"


def test_a_rule_shows_its_examples_and_its_newest_posts(desk: Callable[[str], Person]) -> None:
    part = desk(BO).client.get("/policy/rule/outage/", headers={"HX-Request": "true"}).text
    assert "The condition as written" in part and "post.text.lowerAscii" in part
    assert not part.lstrip().startswith("<!doctype") and "Is there an outage?" in part
    assert "/policy/why/" in part
    assert "The condition as written" in desk(BO).client.get("/policy/rule/outage/").text
    assert desk(BO).client.get("/policy/rule/nothing/").status_code == 404


def test_a_pasted_text_is_tried(desk: Callable[[str], Person]) -> None:
    said = desk(BO).sends("/policy/try/", text="My solicitor will write to you about my bill")
    assert (
        said.status_code == 200 and "Take it to a person at once" in said.text and "<b>Legal</b>" in said.text
    )
    assert desk(BO).sends("/policy/try/", text="  ").status_code == 422
    assert desk(BO).sends("/policy/try/", text="x" * 10_001).status_code == 422
    direct = desk(BO).sends("/policy/try/", text="My internet is down again", visibility="direct").text
    assert "Direct message" in direct
    assert re.search(r"Queue [a-z ]+, [a-z]+ priority · first answer within", direct)
    assert desk(BO).sends("/policy/try/", text="See above", visibility="nobody").status_code == 422


@pytest.mark.parametrize(
    ("asked", "stands_open"), [("", False), ("?visibility=direct", True), ("?known=1", True)]
)
def test_what_was_said_beside_the_text_stands_open(
    desk: Callable[[str], Person], asked: str, stands_open: bool
) -> None:
    page = desk(BO).client.get(f"/policy/try/{asked}").text
    assert re.search(r'<details class="field"( open)?><summary>Say more', page)[1] == (
        " open" if stands_open else None
    )  # type: ignore[index]


def test_a_past_post_is_tried_and_explained(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    ((post, rule),) = rows(
        "SELECT id, rule FROM interaction WHERE rule = 'outage' AND deleted_at IS NULL AND brand_id = %s ORDER BY id DESC LIMIT 1",
        staged.brand,
    )
    why = desk(BO).client.get(f"/policy/why/{post}/").text
    assert (
        f"Rule <b>{rule.capitalize()}</b>" in why
        and "What would have changed it" in why
        and "did not match" in why
    )
    assert f"Rule <b>{rule.capitalize()}</b>" in desk(BO).client.get(f"/policy/try/?post={post}").text
    ((own,),) = rows(
        "SELECT id FROM interaction WHERE direction = 'out' AND brand_id = %s LIMIT 1", staged.brand
    )
    assert desk(BO).client.get(f"/policy/why/{own}/").status_code == 404
    assert desk(BO).client.get("/policy/try/?post=x").status_code == 422


def test_of_a_deleted_post_no_word_of_its_own_is_said() -> None:
    context = Context(
        text="My solicitor will get you", abuse_p=0.95, complaint_p=0.4, signs=("abuse: threat (quagmire)",)
    )
    found = trying.tried(parse_policy(starter()), context)
    whole, bare = said(found), said(found, gone=True)
    assert "quagmire" in repr((whole.seen, whole.matched, whole.missed))
    assert any("the text" in one.if_so for one in whole.changes), "it would be told"
    assert "quagmire" not in repr((bare.seen, bare.matched, bare.missed, bare.changes))
    assert not any("the text" in one.if_so or "signs" in one.if_so for one in bare.changes)
    assert (bare.words, bare.decided and bare.decided.id) == (whole.words, whole.decided and whole.decided.id)


def test_parts_are_said_the_way_they_count() -> None:
    """Under a matching rule stands what is so; under one that does not match, what is not."""
    context = Context(text="Rain again.", sentiment=-1, complaint_p=0.4)
    words = said(trying.tried(parse_policy(starter()), context))
    (unhappy,) = [one for one in words.matched if one.id == "unhappy"]
    assert ("the post is not a question", True) in [(part.words, part.held) for part in unhappy.because]
    (question,) = [one for one in words.missed if one.id == "question"]
    assert ("the post is a question", False) in [(part.words, part.held) for part in question.because]
    assert all(part.held for one in words.matched for part in one.because)
    assert not any(part.held for one in words.missed for part in one.because)


def test_another_brand_sees_nothing_of_it(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    ((post, case),) = rows(
        "SELECT latest_post, id FROM cases WHERE brand_id = %s ORDER BY id LIMIT 1", staged.brand
    )
    cy = desk(CY)
    assert "This brand has no policy yet" in cy.client.get("/policy/").text
    for path in (
        f"/policy/why/{post}/", f"/policy/try/?post={post}", "/policy/rule/outage/", f"/case/{case}/promises/",
        f"/case/{case}/why/",
    ):  # fmt: skip
        assert cy.client.get(path).status_code == 404, path


def test_the_ledger_of_a_case(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    ((case,),) = rows(
        "SELECT case_id FROM commitment WHERE satisfied_at IS NOT NULL AND brand_id = %s ORDER BY id DESC LIMIT 1",
        staged.brand,
    )
    page = desk(BO).client.get(f"/case/{case}/promises/").text
    assert (
        "First response by" in page and "The customer wrote; the promise began" in page and "Answered" in page
    )
    assert f"/case/{case}/promises/" in desk(BO).client.get(f"/case/{case}/").text
    assert desk(ANN).client.get(f"/case/{case}/why/").url.path.startswith("/policy/why/")


def test_a_priority_is_said_in_a_word(
    desk: Callable[[str], Person], rows: Callable[..., list[Any]], staged: Stage
) -> None:
    ((case, priority),) = rows(
        "SELECT id, priority FROM cases WHERE brand_id = %s ORDER BY priority LIMIT 1", staged.brand
    )
    page = desk(BO).client.get(f"/case/{case}/").text
    assert f"<dt>Priority</dt><dd>{PRIORITIES[priority].capitalize()}</dd>" in page
