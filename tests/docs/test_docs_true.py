"""Our pages say what the code says: parts written from it, links that lead somewhere, policies that parse, plain words."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.generated import FIELD_WORDS, MEANINGS, PARTS, ROOT, owned_tables, pages, rewritten
from townhall.flow.house import MAIN_CALENDAR
from townhall.flow.opening import HOURS
from townhall.policy.logic import parse_policy
from townhall.policy.logic.context import FIELDS
from townhall.policy.logic.expression import read_condition
from townhall.policy.logic.fault import Fault
from townhall.run.settings import Settings

PAGES = list(pages())
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
FORBIDDEN = {
    r"\bDESIGN\b|\bUX\.md\b|\bSTYLE\.md\b": "a page that is not in the repository",
    r"(?i)\b(?:seamless|effortless|cutting.edge|world.class|blazing|game.chang|best.in.class|next.gen|revolution)\w*": "advertising",
    r"(?i)\b(?:simply|just works|out of the box|leverage[sd]?|utili[sz]e[sd]?|robust|powerful|state of the art)\b": "a word that says nothing",
    r"[A-Za-z]!(?:\s|$)": "an exclamation mark",
    r"—": "a dash that should be a full stop, a comma or a colon",
}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    return CODE.sub("", FENCED.sub("", page.read_text()))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_parts_written_from_the_code_are_as_the_code_is(page: Path) -> None:
    assert page.read_text() == rewritten(page.read_text()), "run: python -m tests.docs.generated"


def test_every_part_is_shown_somewhere() -> None:
    shown = set(
        re.findall(r"<!-- written from the code: ([a-z ]+) -->", "".join(p.read_text() for p in PAGES))
    )
    assert shown == set(PARTS)


def test_every_setting_and_field_is_explained_and_nothing_else() -> None:
    assert set(MEANINGS) == set(Settings.__struct_fields__)
    assert set(FIELD_WORDS) == set(FIELDS)


@pytest.mark.database
def test_the_tables_shown_are_those_of_the_database(server, house_settings) -> None:  # type: ignore[no-untyped-def]
    from townhall.database.connect import connect

    with connect(server.dsn("owner")) as owner:
        rows = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        there = {row[0] for row in rows}
    of_others = {
        t
        for t in there
        if t.startswith(("django_", "auth_", "account_email", "mfa_", "socialaccount_"))
        or t == "townhall_schema"
    }
    assert {table for tables in owned_tables().values() for table in tables} == there - of_others


def links(page: Path) -> Iterator[str]:
    yield from (found[1] for found in LINK.finditer(FENCED.sub("", page.read_text())))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers make them."""
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} points to {link}, which is not there"
        assert target.is_relative_to(ROOT), f"{name(page)} points out of the repository: {link}"
        assert not anchor or anchor in anchors(target), f"{name(page)}: {link} has no such heading"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        reached.add(page)
        near = [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if ":" not in link]
        ahead += [one for one in near if one.suffix == ".md" and one not in reached]
    assert {name(page) for page in PAGES} - {name(page) for page in reached} <= {"CHANGELOG.md"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_plain_words(page: Path) -> None:
    text = prose(page)
    found = [(word[0], why) for rule, why in FORBIDDEN.items() for word in re.finditer(rule, text)]
    assert not found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pictures_are_small_and_named_in_words(page: Path) -> None:
    for words, link in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text()):
        assert len(words) > 20, f"{link} needs words for those who cannot see it"
        assert (page.parent / link).stat().st_size < 200_000


def test_policies_shown_are_policies() -> None:
    shown = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "policy.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert shown
    for source in shown:
        parse_policy(source)


def test_the_settings_file_shown_is_one(tmp_path: Path) -> None:
    from townhall.run.settings import load_settings

    page = (ROOT / "docs" / "operator" / "settings.md").read_text()
    for source in re.findall(r"^```toml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        (tmp_path / "townhall.toml").write_text(source)
        assert load_settings(tmp_path, {}).public_url == "https://townhall.example"


def test_what_the_page_says_is_left_out_of_conditions_is_refused() -> None:
    text = (ROOT / "docs" / "policy.md").read_text()
    said = text[text.index("Left out are maps") : text.index("What is left out is an")]
    functions = re.findall(r"`([A-Za-z_]+)\(\)`", said)
    assert {"timestamp", "duration", "int", "string", "double", "has"} <= set(functions)
    for name in functions:
        for when in (f"{name}(1) == {name}(1)", f"{name}('1') == 1", f"{name}(post.text)"):
            with pytest.raises(Fault):
                read_condition(when)


def test_the_hours_that_the_example_names_are_those_that_now_open_speaks_of() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "policy.md").read_text(), re.DOTALL)
    asking = [parse_policy(example) for example in examples if "now.open" in example]
    assert asking and {policy.otherwise.calendar for policy in asking} == {MAIN_CALENDAR} == {HOURS}
