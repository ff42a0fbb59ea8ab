"""Whoever may not read conversations reads the policy, tries it and sees its figures, but no word of what people write."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from desk_person import Person
from stage_house import ANN, PASSWORD, Stage

pytestmark = [pytest.mark.browser, pytest.mark.database]
EVE = "eve.chief@example.org"


@pytest.fixture
def eve(desk: Callable[[str], Person], staged: Stage) -> Person:
    """Eve, an executive and analyst."""
    at_work = threading.Thread(target=_hire, args=(staged.brand,))  # a browser's loop may live in this one
    at_work.start()
    at_work.join()
    return desk(EVE)


def _hire(brand: int) -> None:
    from allauth.account.models import EmailAddress
    from django.db import connection

    from townhall.people.models import Membership, Staff

    if not Staff.objects.filter(email=EVE).exists():
        one = Staff.objects.create_user(EVE, "Eve Chief", PASSWORD)
        EmailAddress.objects.create(user=one, email=one.email, primary=True, verified=True)
        Membership.objects.create(staff=one, brand_id=brand, roles=["executive", "analyst"])
    connection.close()


def test_the_policy_pages_quote_nobody_to_who_may_not_read(
    desk: Callable[[str], Person], eve: Person, rows: Callable[..., list[Any]], staged: Stage
) -> None:
    ((rule,),) = rows(
        "SELECT rule FROM interaction WHERE brand_id = %s AND direction = 'in' AND rule <> '' ORDER BY id DESC LIMIT 1",
        staged.brand,
    )
    linked = re.compile(r"/policy/why/\d+/|\?post=\d+")
    quoted = 0
    for path in ("/policy/", "/policy/try/", "/policy/starters/", f"/policy/rule/{rule}/"):
        hers, anns = eve.client.get(path), desk(ANN).client.get(path)
        assert hers.status_code == anns.status_code == 200, path
        assert not linked.search(hers.text) and "shortened" not in hers.text, path
        quoted += len(linked.findall(anns.text))
        assert '<ul class="past"><li><a href="?post' not in hers.text
    assert quoted > 5, "Ann sees them"
    assert "those who may read conversations" in eve.client.get("/policy/starters/").text
    ((post,),) = rows(
        "SELECT id FROM interaction WHERE brand_id = %s AND direction = 'in' ORDER BY id DESC LIMIT 1",
        staged.brand,
    )
    assert eve.client.get(f"/policy/try/?post={post}").status_code == 403
    assert eve.client.get(f"/policy/why/{post}/").status_code == 403
    assert eve.client.get("/start/posts/").status_code == 403
