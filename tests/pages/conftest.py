"""One staged house and one Chromium for the session; each test gets a page of its own."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stage_house import ANN, PASSWORD, Stage, serving, set_the_stage

from townhall.database import Database
from townhall.run.settings import Settings

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium_path() -> str:
    """Where Chromium is."""
    found = (
        os.environ.get("TOWNHALL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not found:
        pytest.skip("needs Chromium: apt-get install chromium, or set TOWNHALL_CHROMIUM")
    return found


@pytest.fixture(scope="session")
def staged(pages_settings: Settings) -> Iterator[Stage]:
    """The house, its posts, and its pages on a port."""
    database = Database(pages_settings)
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


def sign_in(page: Any, url: str, email: str) -> None:
    """By password, as a person does."""
    page.goto(f"{url}/accounts/login/")
    page.click("summary")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("details button")
    page.wait_for_url(lambda found: "/accounts/login" not in found)


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
