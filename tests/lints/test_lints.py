"""Each lint finds the bug it is for: planted in a small house of its own, and not in the house as it stands."""

from pathlib import Path

import pytest

from lints import purity, sizes, tables, words

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Two rooms with a table each, and a decision; all is well in it."""
    plant(tmp_path, "care/migrations/0001.py", 'T = """CREATE TABLE cases (id bigint);"""')
    plant(tmp_path, "care/store.py", 'def take(c): return c.execute("SELECT id FROM cases")')
    plant(tmp_path, "flow/migrations/0001.py", 'T = "CREATE TABLE interaction (id bigint)"')
    plant(tmp_path, "desk/inbox.py", 'Q = "SELECT 1 FROM cases JOIN interaction USING (id)"')
    plant(tmp_path, "care/logic.py", "def close(now: int) -> int:\n    return now\n")
    for lint in (tables, sizes, purity, words):
        assert lint.faults(tmp_path) == []
    return tmp_path


def plant(root: Path, name: str, text: str) -> None:
    path = root / "src" / "townhall" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("analytics/store.py", 'Q = "SELECT count(*) FROM cases"', "FROM cases, which care owns"),
        ("analytics/store.py", 'def q(x): return f"UPDATE cases SET {x} = 1"', "UPDATE cases"),
        ("analytics/store.py", 'Q = "COPY interaction FROM STDIN"', "COPY interaction, which flow owns"),
        ("desk/inbox.py", 'Q = "DELETE FROM cases"', "FROM cases"),
        ("desk/inbox.py", 'Q = "INSERT INTO cases SELECT 1"', "INSERT INTO cases"),
        (
            "routing/migrations/0001.py",
            'Q = "CREATE TABLE cases (id bigint)"',
            "cases is made by care, routing",
        ),
    ],
)
def test_a_table_has_one_owner(house: Path, name: str, text: str, says: str) -> None:
    plant(house, name, text)
    assert any(says in fault for fault in tables.faults(house))


def test_prose_is_no_query(house: Path) -> None:
    plant(house, "web/pages.py", '"""Shows what came FROM cases."""\nX = "Moved from cases to the archive"\n')
    assert tables.faults(house) == []


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("care/long.py", "x = 1\n" * 301, "301 lines"),
        ("care/deep.py", "def f():\n" + "    x = 1\n" * 40, "f has 41 lines"),
        ("care/utils.py", "", "says nothing"),
        ("care/helpers/one.py", "", "says nothing"),
    ],
)
def test_nothing_grows_too_long_or_vague(house: Path, name: str, text: str, says: str) -> None:
    plant(house, name, text)
    assert any(says in fault for fault in sizes.faults(house))


def test_a_docstring_makes_no_function_long(house: Path) -> None:
    plant(house, "care/told.py", 'def f():\n    """' + "why\n    " * 50 + '"""\n    return 1\n')
    assert sizes.faults(house) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("from townhall.kernel.clock import system_clock\n", "system_clock"),
        (
            "import datetime\nx = lambda: datetime.datetime.now()\nfrom datetime import datetime\ny = datetime.now()",
            "datetime.now",
        ),
        ("def f(): print(1)", "print"),
        ("def f(): return open('x').read()", "open"),
    ],
)
@pytest.mark.parametrize("name", ["care/logic.py", "care/logic/closing.py", "channels/x/parse.py"])
def test_decisions_are_pure(house: Path, name: str, text: str, says: str) -> None:
    if name == "care/logic/closing.py":
        (house / "src/townhall/care/logic.py").unlink()
    plant(house, name, text)
    assert any(says in fault for fault in purity.faults(house))


def test_a_field_named_open_is_no_file(house: Path) -> None:
    plant(house, "care/logic.py", "class Now:\n    open: bool\n\ndef f(now):\n    return now.open\n")
    assert purity.faults(house) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 'https://registry.npm" + "js.org/htmx'", "download address"),
        ("x = '/wo" + "rk/data'", "path of somebody"),
        ("x = 1  # TO" + "DO", "unfinished"),
        ("raise NotImplemented" + "Error", "unfinished"),
        ("# see iss" + "ue 12", "chatter"),
    ],
)
def test_nothing_stays_that_does_not_belong(house: Path, text: str, says: str) -> None:
    plant(house, "care/odd.py", text)
    assert any(says in fault for fault in words.faults(house))


@pytest.mark.parametrize("lint", [tables, sizes, purity, words], ids=lambda lint: lint.__name__)
def test_the_house_as_it_stands(lint: object) -> None:
    assert lint.faults(ROOT) == []  # type: ignore[attr-defined]
