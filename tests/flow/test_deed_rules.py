"""What a rule decides about posts on their network is written down by the batch that judged them, once, and only for news."""

from collections.abc import Iterator

import pytest

from tests.flow.parish import KEYS, START, Parish, act, post
from tests.flow.promising import again
from townhall.database import Database
from townhall.database.connect import connect, transaction
from townhall.flow.receive import receive
from townhall.intake.store import Account
from townhall.kernel.clock import DAY, HOUR, MINUTE
from townhall.policy import store as policies
from townhall.policy.logic import parse_policy

pytestmark = pytest.mark.database
POLICY = """\
id: rude
version: 1
rules:
  - {id: fools, owner: care, reason: Insults are hidden., when: "post.text.contains('fools')", effect: hide}
  - {id: fakes, owner: care, reason: Fakes are reported., when: "post.text.contains('fakes')", effect: report,
     approvals: {all: [compliance, lead]}}
"""


@pytest.fixture
def parish(database: Database) -> Iterator[Parish]:
    with connect(database.dsn("worker")) as connection:
        made = Parish(database, connection)
        with transaction(connection):
            policies.add(
                connection,
                made.brand.id,
                POLICY,
                parse_policy(POLICY).digest,
                "test",
                activate=True,
                approvals=parse_policy(POLICY).approvals(),
            )
        again(made)
        connection.execute("UPDATE brand SET state = 'live' WHERE id = %s", [made.brand.id])
        made.account = account(made, "webhook", "https://operator.example/told")
        made.now = START + HOUR
        yield made


def account(parish: Parish, channel: str, address: str) -> Account:
    row = parish.connection.execute(
        "INSERT INTO account (brand_id, channel, handle, base_url) VALUES (%s, %s, %s, %s)"
        " RETURNING id, brand_id, channel, handle, native_id",
        [parish.brand.id, channel, f"{channel}{parish.brand.id}{len(address)}", address],
    ).fetchone()
    assert row
    return Account(*row)


def written(parish: Parish) -> list[tuple[object, ...]]:
    return parish.rows(
        "SELECT kind, state, rule, reason, category, steps, error <> '', wanted_by FROM deed"
        f" WHERE brand_id = {parish.brand.id} ORDER BY id"
    )


HIDDEN = ("hide", "waiting", "fools", "Insults are hidden.", "", [], False, "system/policy")


def test_a_rule_that_hides_has_it_done(parish: Parish) -> None:
    n = parish.brand.id * 1000
    assert (
        parish.take(
            post(n, 1, text="you fools"), post(n, 1, text="you fools"), post(n + 1, 2, text="how kind")
        )
        == 2
    )
    assert written(parish) == [HIDDEN]
    [row] = parish.rows(
        "SELECT d.post, d.author, d.post_id = i.id, d.thread_id = i.thread_id, d.policy_id = i.policy_id FROM deed d"
        f" JOIN interaction i ON i.id = d.post_id WHERE d.brand_id = {parish.brand.id}"
    )
    assert row == (f"https://n.example/s/{n}", "https://n.example/u/ines", True, True, True)
    parish.take(act("Update", n, 5, text="you fools!"), act("Like", n, 6))
    assert len(written(parish)) == 1


def test_a_rule_that_wants_approvals_holds_it(parish: Parish) -> None:
    parish.take(post(parish.brand.id * 1000, 1, text="buy fakes here"))
    [(kind, state, rule, _, category, steps, left, _)] = written(parish)
    assert (kind, state, rule, category, left) == ("report", "held", "fakes", "other", False)
    assert steps == [["compliance"], ["lead"]]
    assert parish.rows(f"SELECT approvers FROM deed WHERE brand_id = {parish.brand.id}") == [
        (["compliance", "lead"],)
    ]


@pytest.mark.parametrize(("channel", "address", "says"), [
    ("webhook", "", "Not offered here"), ("mastodon", "https://m.example", "Not offered here"),
    ("activitystreams", "", "Not offered here"),
])  # fmt: skip
def test_what_a_network_does_not_offer_is_said(parish: Parish, channel: str, address: str, says: str) -> None:
    parish.account = account(parish, channel, address)
    parish.take(post(parish.brand.id * 1000, 1, text="you fools"))
    assert [(row[1], row[6]) for row in written(parish)] == [("left", True)]
    assert says in parish.rows(f"SELECT error FROM deed WHERE brand_id = {parish.brand.id}")[0][0]


def test_an_observing_brand_writes_down_why_nothing_was_done(parish: Parish) -> None:
    parish.connection.execute("UPDATE brand SET state = 'observe' WHERE id = %s", [parish.brand.id])
    parish.take(post(parish.brand.id * 1000, 1, text="you fools"))
    assert [(row[1], row[6]) for row in written(parish)] == [("left", True)]


def test_history_and_files_and_our_own_words_are_left_as_they_are(parish: Parish) -> None:
    n = parish.brand.id * 1000
    parish.now = START + DAY + 2 * MINUTE
    parish.take(post(n, 1, text="you fools"), post(n + 1, 3, text="those fools", who="acme", own=True))
    with transaction(parish.connection):
        run = parish.connection.execute(
            "INSERT INTO import_run (brand_id, account_id, file) VALUES (%s, %s, 'x') RETURNING id",
            [parish.brand.id, parish.account.id],
        ).fetchone()
        assert run
        receive(
            parish.connection, KEYS, parish.account, "activitystreams", [post(n + 2, 4, text="you fools")],
            parish.now, run_id=run[0],
        )  # fmt: skip
    parish.work()
    assert written(parish) == []
    parish.take(post(n + 3, 3, text="you fools"))
    assert written(parish) == [HIDDEN], "what is a day old to the minute is still news"


def test_a_thousand_at_once(parish: Parish) -> None:
    n = parish.brand.id * 10_000
    parish.offer([post(n + i, 1, text=f"you fools {i}", who=f"w{i % 50}") for i in range(1000)])
    assert parish.work() == 1000
    assert written(parish) == [HIDDEN] * 1000
