"""One staged house and one Chromium for the session; each test gets a page of its own."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from desk_person import Person, free_case, sign_in
from stage_house import ANN, BO, PASSWORD, Stage, serving, set_the_stage

from townhall.database import Database
from townhall.database.connect import connect
from townhall.run.settings import Settings

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium_path() -> str:
    """Where Chromium is; the one without a window of its own opens a page in a third of the time."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    found = os.environ.get("TOWNHALL_CHROMIUM") or next(filter(None, map(shutil.which, names)), "")
    if not found:
        pytest.skip("needs Chromium: apt-get install chromium-headless-shell, or set TOWNHALL_CHROMIUM")
    return found


@pytest.fixture(scope="session")
def staged(pages_settings: Settings) -> Iterator[Stage]:
    """The house, its posts, and its pages on a port."""
    database = Database(pages_settings)
    os.environ["TOWNHALL_STEP_UP_MINUTES"] = (
        "1440"  # its own tests make proofs old; others sign in once for all
    )
    with serving() as url:
        accounts, brand, empty = set_the_stage(pages_settings, database, url)
        yield Stage(url, pages_settings, database, accounts, brand, empty)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session_of(chromium: Any, staged: Stage) -> Callable[[str], Any]:
    """The cookies of somebody who signed in once."""
    kept: dict[str, Any] = {}

    def signed_in(email: str) -> Any:
        if email not in kept:
            context = chromium.new_context()
            page = context.new_page()
            sign_in(page, staged.url, email)
            kept[email] = context.storage_state()
            context.close()
        return kept[email]

    return signed_in


@pytest.fixture
def visit(chromium: Any, staged: Stage, session_of: Callable[[str], Any]) -> Iterator[Callable[..., Any]]:
    """``visit("/inbox/", width=360, theme="dark")``: a page, signed in as Ann; errors of its scripts fail the test."""
    contexts, errors = [], []

    def open_page(
        path: str, *, width: int = 1440, height: int = 0, theme: str = "light", who: str = ANN
    ) -> Any:
        size = {"width": width, "height": height or (900 if width > 400 else 740)}
        context = chromium.new_context(viewport=size, color_scheme=theme, storage_state=session_of(who))
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.goto(staged.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def desk(staged: Stage) -> Callable[[str], Person]:
    """``desk(BO)``: that person at their desk, signed in once."""
    return cache(lambda email: Person(staged.url, email))


@pytest.fixture
def rows(staged: Stage) -> Callable[..., list[Any]]:
    """``rows("SELECT …", value)``: what the database holds, past every door."""

    def ask(query: str, *values: Any) -> list[Any]:
        with connect(staged.database.dsn("worker")) as conn:
            return conn.execute(query, values).fetchall()

    return ask


@pytest.fixture
def held(desk: Callable[[str], Person], rows: Callable[..., list[Any]]) -> list[int]:
    """Two replies of Bo's that were held just now, with findings: what another file decided does not matter."""
    bo, made = desk(BO), []
    for _ in range(2):
        case = free_case(rows, 0)
        page = bo.client.get(f"/case/{case}/").text
        given = {
            name: page.split(f'name="{name}" value="')[1].split('"')[0]
            for name in ("reply_to", "seen_post", "seen_version")
        }
        bo.sends(f"/case/{case}/send/", kind="public", text="Ring +44 20 7946 0991, please.", **given)
        made += [id for (id,) in rows("SELECT id FROM release WHERE case_id = %s AND state = 'held'", case)]
    assert len(made) == 2
    return made


@pytest.fixture(scope="module")
def person(staged: Stage) -> Callable[[str], httpx.Client]:
    """A client of the pages for each of them, signed in once."""
    kept: dict[str, httpx.Client] = {}

    def signed_in(email: str) -> httpx.Client:
        if email not in kept:
            client = httpx.Client(base_url=staged.url, headers={"referer": staged.url})
            page = client.get("/accounts/login/").text
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
            assert token
            answer = client.post(
                "/accounts/login/",
                data={"csrfmiddlewaretoken": token[1], "login": email, "password": PASSWORD},
            )
            assert answer.status_code == 302
            kept[email] = client
        return kept[email]

    return signed_in
