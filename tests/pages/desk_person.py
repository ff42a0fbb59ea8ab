"""Somebody at a desk: signs in, with a browser or without, opens pages, sends their forms."""

import re
from collections.abc import Callable
from typing import Any

import httpx
from stage_house import PASSWORD

TOKEN = re.compile(r'"X-CSRFToken":"([^"]+)"')


class Person:
    """Somebody at a desk: opens pages and sends their forms."""

    def __init__(self, url: str, email: str) -> None:
        self.client = httpx.Client(base_url=url, headers={"referer": url}, follow_redirects=True, timeout=60)
        page = self.client.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        self.client.post(
            "/accounts/login/", data={"csrfmiddlewaretoken": token[1], "login": email, "password": PASSWORD}
        )

    def sees(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def sends(self, path: str, **fields: str) -> httpx.Response:
        token = TOKEN.search(self.client.get("/settings/").text)
        assert token
        return self.client.post(path, data={"csrfmiddlewaretoken": token[1], **fields})


def sign_in(page: Any, url: str, email: str) -> None:
    """By password, as a person does."""
    page.goto(f"{url}/accounts/login/")
    page.click("summary")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("details button")
    page.wait_for_url(lambda found: "/accounts/login" not in found)


def free_case(rows: Callable[..., list[Any]], place: int, account: int = 0) -> int:
    """One of ``free_cases``: the newest is at place 0."""
    return free_cases(rows, account)[place]


def free_cases(rows: Callable[..., list[Any]], account: int = 0) -> list[int]:
    """Open cases of public threads on a network that can be answered, which nobody holds, has answered or begun to, the newest
    first. ``account`` is 0 for any."""
    found = rows(
        "SELECT c.id FROM cases c JOIN account a ON a.id = c.account_id JOIN brand b ON b.id = c.brand_id"
        " WHERE b.slug = 'demo' AND a.channel = 'mastodon' AND %s IN (0, a.id) AND c.state = 'open' AND c.paused_cause = ''"
        " AND c.assignee_id IS NULL AND NOT EXISTS (SELECT 1 FROM release r WHERE r.case_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.case_id = c.id AND d.text <> '')"
        " AND NOT EXISTS (SELECT 1 FROM interaction i WHERE i.thread_id = c.thread_id AND i.visibility = 'direct')"
        " ORDER BY c.id DESC",
        account,
    )
    return [id for (id,) in found]
