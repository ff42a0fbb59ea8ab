"""``townhall clocks`` and ``townhall calendar`` from end to end: what an operator types, what then stands in the database."""

import functools
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection
from typer.testing import CliRunner, Result

from tests.flow.parish import START, Parish, post
from tests.flow.promising import hours, promise
from townhall.database import Database
from townhall.kernel.clock import DAY, MINUTE, to_iso
from townhall.kernel.errors import NotFound, Refused, TooLarge, Unavailable
from townhall.run.command import app
from townhall.run.settings import Settings

pytestmark = pytest.mark.database
Asked = Callable[..., Result]
YEAR = date.today().year + 1


@pytest.fixture
def asked(copied_settings: Settings) -> Asked:
    def ask(*words: str) -> Result:
        env = {"TOWNHALL_DATABASE_NAME": copied_settings.database_name, "TOWNHALL_INSIDE_HOSTS": "127.0.0.1"}
        return CliRunner().invoke(app, ["--home", str(copied_settings.home), *words], env=env)

    return ask


@pytest.fixture
def parish(database: Database, worker: Connection[Any]) -> Parish:
    return Parish(database, worker)


def told(result: Result) -> Any:
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def test_clocks_are_reckoned_anew_and_outages_recorded(parish: Parish, asked: Asked) -> None:
    promise(parish, "{first_response: 60m, pauses: [outage]}")
    parish.take(
        post(1, 0, root=1),
        post(2, 10, "otto", root=2),
        post(3, 30, "acme", "Soon.", root=1, parent=1, own=True),
    )
    account = str(parish.account.id)
    same = told(asked("clocks", "recompute", "acme", "--dry-run", "--json"))
    assert (same["cases"], same["promises"], same["changes"], same["written"]) == (2, 2, 0, False)
    past = told(asked("clocks", "recompute", "acme", "--as-of", to_iso(START + 20 * MINUTE), "--json"))
    assert (same["met_now"], past["met_now"], past["written"]) == (1, 0, False), "not answered yet then"
    begun, over = to_iso(START + 20 * MINUTE), to_iso(START + 50 * MINUTE)
    out = told(
        asked(
            "clocks",
            "outage",
            "acme",
            account,
            "--why",
            "The network rejects posts",
            "--at",
            begun,
            "--until",
            over,
            "--json",
        )
    )
    assert out["promises_moved"] >= 1
    due = "SELECT due_at FROM commitment WHERE satisfied_at IS NULL"
    assert parish.rows(due) == [(datetime.fromtimestamp((START + 100 * MINUTE) / 1e6, UTC),)], (
        "thirty minutes later"
    )
    parish.connection.execute(
        "UPDATE commitment SET due_at = due_at + interval '1 hour' WHERE satisfied_at IS NULL"
    )
    found = told(asked("clocks", "recompute", "acme", "--dry-run", "--json"))
    assert found["changes"] == 1 and found["shown"][0]["is"]["due"] != found["shown"][0]["was"]["due"]
    assert told(asked("clocks", "recompute", "acme", "--json"))["written"]
    assert parish.rows(due) == [(datetime.fromtimestamp((START + 100 * MINUTE) / 1e6, UTC),)]
    why = told(asked("clocks", "why", "acme", "--days", "366", "--json"))
    assert why["missed"] == 1 and sum(cause["minutes_percent"] for cause in why["causes"]) == pytest.approx(
        100
    )
    for words, kind in (
        (("recompute", "nobody"), NotFound), (("recompute", "acme", "--as-of", "soon"), Refused),
        (("recompute", "acme", "--as-of", begun, "--newest-hours"), Refused),
        (("outage", "acme", "999999", "--why", "x"), NotFound),
    ):  # fmt: skip
        assert isinstance(asked("clocks", *words).exception, kind), words


def test_newest_hours_are_a_recorded_act(parish: Parish, asked: Asked) -> None:
    office, longer = (
        f'{{"id": "office", "zone": "UTC", "weekly": {{"mon-sun": ["{open}"]}}}}'
        for open in ("09:00-17:00", "00:00-24:00")
    )
    hours(parish, "office", office, made=START - DAY)
    promise(parish, "{first_response: 10h}", calendar="office")
    parish.take(post(1, 0, root=1))
    words = ("clocks", "recompute", "acme", "--newest-hours", "--json")
    assert told(asked(*words))["changes"] == 0, "there are no newer ones"
    hours(parish, "office", longer, made=START + MINUTE)
    dry = told(asked(*words, "--dry-run"))
    assert (dry["changes"], parish.rows("SELECT count(*) FROM recount")) == (1, [(0,)])
    assert told(asked(*words))["shown"] == dry["shown"]
    parish.take(post(2, 2, root=1, text="hello?"))
    assert told(asked("clocks", "recompute", "acme", "--dry-run", "--json"))["changes"] == 0
    (due,) = parish.rows("SELECT due_at FROM commitment")
    assert due == (datetime.fromtimestamp((START + 600 * MINUTE) / 1e6, UTC),)


HOURS = """\
id: shop
zone: Europe/London
weekly: {mon-fri: ["09:00-17:00"]}
"""
FEED = f"""\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//days//EN
BEGIN:VEVENT
UID:1@example.org
DTSTART;VALUE=DATE:{YEAR}0503
SUMMARY:Works holiday
END:VEVENT
BEGIN:VEVENT
UID:2@example.org
DTSTART;VALUE=DATE:{YEAR}0504
SUMMARY:Garden day
CATEGORIES:Observance
END:VEVENT
BEGIN:VEVENT
UID:3@example.org
DTSTART;VALUE=DATE:{YEAR}0505
SUMMARY:Outing
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


@pytest.fixture
def shop(parish: Parish, asked: Asked, tmp_path: Path) -> Path:
    (tmp_path / "hours.yaml").write_text(HOURS)
    (tmp_path / "days.ics").write_text(FEED, newline="")
    assert told(asked("calendar", "import", "acme", str(tmp_path / "hours.yaml"), "--json"))["version"] == 1
    return tmp_path


def test_hours_are_checked_taken_and_shown_by_version(parish: Parish, asked: Asked, shop: Path) -> None:
    week = told(asked("calendar", "check", str(shop / "hours.yaml"), "--json"))
    assert week["ok"] and sorted(week["minutes"].values()) == [0, 0, 480, 480, 480, 480, 480]
    (shop / "later.yaml").write_text(HOURS.replace("17:00", "18:00"))
    dry = told(asked("calendar", "import", "acme", str(shop / "later.yaml"), "--dry-run", "--json"))
    assert (
        dry["dry_run"]
        and dry["version"] == 0
        and {day["after"] - day["before"] for day in dry["changes"]} == {60}
    )
    assert told(asked("calendar", "import", "acme", str(shop / "later.yaml"), "--json"))["version"] == 2
    kept = told(asked("calendar", "versions", "acme", "--json"))["versions"]
    assert [one["version"] for one in kept if one["calendar"] == "shop"] == [1, 2]
    assert told(asked("calendar", "show", "acme", "shop", "--json"))["id"] == "shop"
    began = (date.today() - timedelta(days=3)).isoformat()
    for words, kind in (
        (("show", "acme", "none"), NotFound), (("check", str(shop / "none.yaml")), NotFound),
        (("check", str(shop / "days.ics")), Refused),
        (("import", "acme", str(shop / "hours.yaml"), "--from", began), Refused),
        (("import", "acme", str(shop / "hours.yaml"), "--from", "soon"), Refused),
    ):  # fmt: skip
        assert isinstance(asked("calendar", *words).exception, kind), words


class Feeds(http.server.SimpleHTTPRequestHandler):
    """Files, and addresses that lead astray."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            return self.sends(302, "/days.ics")
        if self.path == "/inward":
            return self.sends(302, "http://localhost:1/days.ics")
        if self.path == "/round":
            return self.sends(302, "/round")
        super().do_GET()

    def sends(self, status: int, to: str) -> None:
        self.send_response(status)
        self.send_header("location", to)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def served(shop: Path) -> Iterator[str]:
    (shop / "large.ics").write_bytes(b"x" * 2_000_001)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Feeds, directory=str(shop)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("where", ["file", "/days.ics", "/moved"])
def test_a_feed_of_holidays_comes_from_a_file_or_an_address(
    parish: Parish, asked: Asked, shop: Path, served: str, where: str
) -> None:
    feed = str(shop / "days.ics") if where == "file" else served + where
    words = ("calendar", "holidays", "acme", "shop", feed, "--without", "Outing", "--json")
    dry = told(asked(*words, "--dry-run"))
    assert [day["day"] for day in dry["changes"]] in ([], [f"{YEAR}-05-03"]), (
        "a holiday on a Sunday changes no minute"
    )
    assert [(one["name"], one["why"]) for one in dry["left_out"]] == [
        ("Garden day", "an observance"), ("Outing", "named to be left out"),
    ]  # fmt: skip
    assert told(asked(*words))["days"] == 1
    kept = told(asked("calendar", "show", "acme", "shop", "--json"))
    assert {"date": f"{YEAR}-05-03", "name": "Works holiday"} in [
        {name: one[name] for name in ("date", "name")} for one in kept["exceptions"]
    ]


@pytest.mark.parametrize(
    ("feed", "kind"),
    [
        ("SERVED/large.ics", TooLarge), ("SERVED/none.ics", Unavailable), ("SERVED/round", Unavailable),
        ("SERVED/inward", Refused), ("http://localhost:1/x.ics", Refused), ("https://10.0.0.1/x.ics", Refused),
        ("file:///etc/hosts", Refused), ("https://name:word@feeds.example.org/x.ics", Refused),
    ],
)  # fmt: skip
def test_an_address_that_leads_astray_changes_nothing(
    parish: Parish, asked: Asked, served: str, feed: str, kind: type[Exception]
) -> None:
    result = asked("calendar", "holidays", "acme", "shop", feed.replace("SERVED", served))
    assert isinstance(result.exception, kind), (feed, result.exception)
    kept = told(asked("calendar", "versions", "acme", "--json"))["versions"]
    assert [one["version"] for one in kept if one["calendar"] == "shop"] == [1]
