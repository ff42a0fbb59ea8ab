"""A question to a brand's own system over a real line: in time, in bounds, by few at once, and nowhere else."""

import gzip
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace

from tests.beside.stand_in import Reply, StandIn, cut, drip, endless, hang, saying
from townhall.beside import ask as asking
from townhall.beside.ask import MOST_OF_ONE, Question, ask

INSIDE = frozenset({"127.0.0.1"})
QUICK = 0.3
"""Seconds: a system that hangs is waited for that long."""


def to(url: str, **more: Any) -> Question:
    usual: dict[str, Any] = {"most": 1_000, "whole_s": 5.0}
    return Question(of="panel/1", address=url, body=b'{"a":1}', headers={"x-one": "1"}, **usual | more)


def test_what_is_asked_arrives_as_it_is_and_the_answer_too() -> None:
    with StandIn(saying(200, {"known": False})) as system:
        found = ask(to(system.url + "/there?x=1"), INSIDE)
    assert (found.state, found.body, found.reached, found.status) == (
        "answered",
        b'{"known": false}',
        True,
        200,
    )
    asked = system.asked[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/there?x=1", b'{"a":1}')
    assert asked.headers["x-one"] == "1" and asked.headers["user-agent"].startswith("Townhall")
    assert "cookie" not in asked.headers and "authorization" not in asked.headers


@pytest.mark.parametrize(
    ("reply", "state", "said"),
    [
        (hang, "slow", "longer than 0.3 seconds"),
        (drip, "slow", "longer than 0.3 seconds"),
        (endless, "large", "more than 1,000 bytes"),
        (saying(200, b" " * 1_001), "large", "more than 1,000 bytes"),
        (saying(200, gzip.compress(b" " * 1_000_000), content_encoding="gzip"), "large", "more than 1,000 bytes"),
        (cut, "broken", ""),
        (saying(200, b"x", content_encoding="br"), "broken", "packed by"),
        (lambda asked, over: b"SSH-2.0-so\r\n", "broken", ""),
        (saying(403, {"error": "Please contact\nthe server operator"}), "refused", "it answered 403: Please contact the server operator"),
        (saying(500, b"<html>\x00 broken"), "refused", "it answered 500: <html> broken"),
        (saying(404, [1]), "refused", "it answered 404"),
        (saying(302, {}, location="https://elsewhere.example/"), "refused", "it answered 302"),
        (saying(429, {"error": "x" * 5_000}), "large", ""),
    ],
)  # fmt: skip
def test_each_fault_has_its_name(reply: Reply, state: str, said: str) -> None:
    with StandIn(reply) as system:
        found = ask(to(system.url, whole_s=QUICK if state == "slow" else 5.0), INSIDE)
    assert (found.state, found.reached) == (state, True)
    assert said in found.why and "\n" not in found.why
    assert len(system.asked) == 1, "nobody is asked twice, and no redirect followed"
    assert state != "slow" or QUICK * 1000 <= found.took_ms < 10_000


def test_nobody_there() -> None:
    with StandIn(saying(200, {})) as system:
        url = system.url
    found = ask(to(url), INSIDE)
    assert (found.state, found.reached) == ("unreachable", False)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "https://127.0.0.1:9/", "http://[::1]:9/", "https://localhost:9/", "http://169.254.169.254/", "gopher://x/", "not an address"]
)  # fmt: skip
def test_no_address_inside_that_the_operator_did_not_name(url: str) -> None:
    found = ask(to(url), frozenset())
    assert (found.state, found.reached, found.body) == ("unreachable", False, b"")


def test_an_address_that_the_operator_chose_is_called_as_it_is() -> None:
    with StandIn(saying(200, {})) as system:
        assert ask(to(system.url, outside=True), frozenset()).state == "unreachable"
        assert ask(to(system.url, outside=False), frozenset()).state == "answered"


def test_few_ask_at_once_and_the_rest_is_told_so_at_once() -> None:
    with StandIn(hang) as system, ThreadPoolExecutor(MOST_OF_ONE) as many:
        going = [many.submit(ask, to(system.url, whole_s=1.0), INSIDE) for _ in range(MOST_OF_ONE)]
        assert all(system.came.acquire(timeout=10) for _ in going)
        full = ask(to(system.url), INSIDE)
        system.reply = saying(200, {})
        other = ask(replace(to(system.url), of="panel/2"), INSIDE)
        assert (full.state, full.took_ms, other.state) == ("busy", 0, "answered")
        assert [one.result().state for one in going] == ["slow"] * MOST_OF_ONE
        assert ask(to(system.url), INSIDE).state == "answered", "turns are given back"


def test_turns_are_bounded_over_all_systems() -> None:
    turns = asking._Turns()
    held = [turns.turn(f"panel/{n}") for n in range(asking.MOST_AT_ONCE)]
    assert all(one.__enter__() for one in held)
    with turns.turn("panel/99") as free:
        assert not free
    held[0].__exit__(None, None, None)
    with turns.turn("panel/99") as free:
        assert free


def test_a_name_that_is_slow_to_look_up_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: over.wait(20))
    found = ask(to("https://slow.example/", whole_s=QUICK), frozenset())
    over.set()
    assert (found.state, found.reached) == ("slow", False) and found.took_ms < 10_000
