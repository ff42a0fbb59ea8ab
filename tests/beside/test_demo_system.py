"""The demo firm's own system answers the signed question as a real one would, the same each time."""

import json

from townhall.beside.logic.panel import Identity, Panel, question, read
from townhall.channels.webhook.signature import signed
from townhall.kernel.clock import MINUTE, SECOND, Instant
from townhall.run.demo import orders
from townhall.run.demo.network import Network
from townhall.run.demo.town import Town
from townhall.vault import new_shared_secret

NOW = 1_772_548_320 * SECOND


def asked(handle: str, secret: str = orders.SECRET, at: Instant = NOW) -> tuple[int, object]:
    body = question("demo", 7, (Identity("mastodon", handle, "7", True),) if handle else (), at)
    return Network(lambda: NOW)._answer(
        "POST", orders.PATH, "", "", signed(secret, "panel_7", at, body), body
    )


def test_most_people_of_the_town_are_known_and_all_of_it_can_be_shown() -> None:
    found = []
    for person in Town(7, "http://localhost")._people[0]:
        status, answer = asked(person.handle)
        panel = read(json.dumps(answer).encode())
        assert status == 200 and isinstance(panel, Panel)
        found.append(panel)
        assert not panel.known or [len(one.rows) for one in panel.sections] == [4, 3]
        assert not panel.known or panel.state == "Demo"
    assert 0.75 < sum(one.known for one in found) / len(found) < 1
    assert asked(person.handle) == asked(person.handle)


def test_nobody_is_not_known_and_what_is_not_signed_is_refused() -> None:
    assert asked("nobody@example.invalid") == asked("") == (200, {"known": False})
    assert asked("ada@harbour.example", new_shared_secret())[0] == 401
    assert asked("ada@harbour.example", at=NOW - 6 * MINUTE)[0] == 401
