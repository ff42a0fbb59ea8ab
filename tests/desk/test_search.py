"""Search as ``townhall_web``, over posts that the follower of the record made searchable."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection
from town import NOW, Town, moment

from townhall.analytics import topics
from townhall.archive import store as archive
from townhall.desk.search import PARTS, loosened, search, understand
from townhall.desk.words import holding, terms_of
from townhall.enrich import search_terms
from townhall.flow.index import Tagged, leave_edited
from townhall.flow.search_follower import catch_up
from townhall.kernel.errors import Refused

pytestmark = pytest.mark.database


@pytest.fixture
def town(owner: Connection[Any], web: Connection[Any]) -> Town:
    made = Town(owner)
    made.see(web)
    return made


def index(town: Town, *posts: int) -> None:
    rows = town.conn.execute(
        "SELECT id, text FROM interaction WHERE id = ANY(%s) ORDER BY id", [list(posts)]
    ).fetchall()
    for at in range(0, len(rows), archive.BLOCK):
        part = rows[at : at + archive.BLOCK]
        archive.add_block(
            town.conn, town.brand, [row[0] for row in part], {t for row in part for t in search_terms(row[1])}
        )
    archive.settle(town.conn, 1000)


def said(town: Town, *texts: str) -> list[int]:
    thread, cleo = town.thread(), town.person("cleo")
    posts = [town.post(thread, cleo, text, NOW + n) for n, text in enumerate(texts)]
    index(town, *posts)
    return posts


def found(town: Town, web: Connection[Any], text: str) -> list[int]:
    return [hit.interaction_id for hit in search(web, town.brand, text, NOW).hits]


def test_words_phrases_and_numbers(town: Town, web: Connection[Any]) -> None:
    signal, order, cafe, other = said(
        town,
        "No signal in Leeds since Monday",
        "Order 4711-0815 never came",
        "The Café near Leeds",
        "signal? In Leeds no",
    )
    assert found(town, web, "leeds") == [other, cafe, signal]
    assert found(town, web, "signal LEEDS") == [other, signal]
    assert found(town, web, '"signal in leeds"') == [signal]
    assert found(town, web, "47110815") == [order] == found(town, web, "4711-0815")
    assert found(town, web, "cafe") == [cafe]
    assert found(town, web, "nothing") == found(town, web, "  ") == []
    (hit,) = search(web, town.brand, '"signal in leeds"', NOW).hits
    assert [hit.text[a:b] for a, b in hit.hits] == ["signal in Leeds"]


def test_people_are_found_by_handle_and_name(town: Town, web: Connection[Any]) -> None:
    dana = town.person("dana_r", "Dana Reed")
    town.person("eve", "Eve Other")
    case = town.case(town.thread(), dana, 1)
    for text in ("@dana", "DANA_R", "dana reed", "Dana R"):
        people = search(web, town.brand, text, NOW).people
        assert [(p.identity_id, p.case_id) for p in people] == [(dana, case)], text
    assert search(web, town.brand, "d", NOW).people == ()
    assert search(web, town.brand, "danaXr", NOW).people == ()


def test_a_block_shared_with_others_shows_only_what_matches(town: Town, web: Connection[Any]) -> None:
    posts = said(town, "red apple", "green pear", "red pear")
    assert found(town, web, "red pear") == [posts[2]]


def test_edited_and_deleted_posts_are_not_found_by_what_is_gone(town: Town, web: Connection[Any]) -> None:
    edited, deleted = said(town, "my number is 555", "leave me alone")
    town.conn.execute("UPDATE interaction SET text = 'my number is gone' WHERE id = %s", [edited])
    town.conn.execute("UPDATE interaction SET deleted_at = %s WHERE id = %s", [moment(NOW), deleted])
    assert found(town, web, "555") == [] == found(town, web, "alone")


def test_pages_go_back_in_time_without_gap_or_repeat(
    town: Town, web: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "BLOCK", 3)
    posts = said(town, *[f"post {n} of leeds" if n % 3 else f"post {n}" for n in range(60)])
    seen, cursor = [], ""
    while True:
        page = search(web, town.brand, "leeds", NOW, cursor=cursor, limit=7)
        seen += [hit.interaction_id for hit in page.hits]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == [post for n, post in enumerate(posts) if n % 3][::-1]
    with pytest.raises(Refused):
        search(web, town.brand, "leeds", NOW, cursor="x")
    with pytest.raises(Refused):
        understand("x" * 401)


def test_no_brand_reads_another(town: Town, owner: Connection[Any], web: Connection[Any]) -> None:
    said(town, "secret leeds")
    other = Town(owner, "oak")
    other.see(web)
    assert found(other, web, "leeds") == [] == found(town, web, "leeds")
    assert search(web, town.brand, "cleo", NOW).people == ()
    assert archive.candidates(web, town.brand, search_terms("leeds"), 1 << 62, 9) == []


def test_the_follower_takes_each_post_once_and_counts_its_topics(
    town: Town, worker: Connection[Any], web: Connection[Any]
) -> None:
    thread, cleo = town.thread(), town.person("cleo")
    posts = [town.post(thread, cleo, f"signal {n}", NOW, topics=("signal",)) for n in range(3)]
    with worker.transaction():
        archive.add_block(worker, town.brand, posts, search_terms("signal 0 1 2"))
        topics.count(worker, town.brand, [Tagged(post, NOW, ("signal",)) for post in posts])
    assert found(town, web, "signal") == []
    for _ in range(2):
        with worker.transaction():
            catch_up(worker)
    assert found(town, web, "signal") == posts[::-1]
    row = town.conn.execute("SELECT topic, posts, example FROM rollup_topic").fetchone()
    assert row == ("signal", 3, posts[-1])
    town.conn.execute("UPDATE interaction SET text = 'coverage' WHERE id = %s", [posts[0]])
    with worker.transaction():
        leave_edited(worker, town.brand, posts[0], "coverage")
        catch_up(worker)
    assert found(town, web, "coverage") == [posts[0]]
    assert town.conn.execute("SELECT sum(posts) FROM rollup_topic").fetchone() == (3,)


@given(st.lists(st.text(max_size=60), max_size=8), st.text(max_size=20))
def test_a_batch_of_texts_has_the_terms_of_each(texts: list[str], query: str) -> None:
    assert terms_of(texts) == {term for text in texts for term in search_terms(text)}
    wanted = frozenset(search_terms(query))
    assert holding(texts, wanted) == [wanted <= set(search_terms(text)) for text in texts]


def test_a_search_without_result_says_what_less_would_find(
    town: Town, web: Connection[Any], count: Callable[[Callable[[], Any]], int]
) -> None:
    said(town, "No signal in Leeds since Monday", "signal lost", "The bill is wrong")

    def ways(text: str) -> list[tuple[str, str, int, int]]:
        return [(one.part, one.how, one.posts, one.people) for one in loosened(web, town.brand, text, NOW)]

    assert ways("signal parrot") == [("parrot", "without", 2, 0)]
    assert ways("signal bill") == [("bill", "without", 2, 0), ("signal", "without", 1, 0)]
    assert ways("cleo signal zebra") == [] == ways("parrot") == ways('"bill"')
    assert ways('"Leeds signal"') == [("Leeds signal", "apart", 1, 0)]
    assert ways("cleo parrot") == [("parrot", "without", 0, 1)]
    many = " ".join(f"parrot{n}" for n in range(40))
    assert count(lambda: loosened(web, town.brand, many, NOW)) <= 8 * PARTS


def test_what_is_offered_leads_to_as_many(town: Town, web: Connection[Any]) -> None:
    said(town, *(f"signal {n} lost" for n in range(30)))
    (one,) = loosened(web, town.brand, "signal parrot", NOW)
    assert (one.posts, one.more, one.query) == (25, True, "signal")
    assert len(search(web, town.brand, one.query, NOW).hits) == 25
