"""Webhooks of notices reach nothing that only this machine can reach."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from townhall.channels.reach import is_public, look_up, may_call
from townhall.kernel.errors import Refused, Unavailable

INSIDE = [
    "http://example.org", "ftp://example.org", "https://", "http://10.0.0.1", "file:///x", "https://127.0.0.1/x",
    "https://[::1]/", "https://169.254.169.254/latest", "https://10.1.2.3/", "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://100.64.0.1/", "https://224.0.0.251/",
    "https://[fec0::1]/", "https://[::7f00:1]/", "https://[::ffff:0:a00:1]/",
    "https://[64:ff9b:1::a00:1]/", "https://a:b@example.org/", "https://example.org:0/", "https://[bad/",
]  # fmt: skip


def answers(monkeypatch: pytest.MonkeyPatch, *found: str) -> None:
    def known(host: str, port: int, **_: Any) -> list[Any]:
        if not found:
            raise socket.gaierror("nobody knows")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", known)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_inside_or_unsafe_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="https://"):
        may_call(address)


@pytest.mark.parametrize(
    "found", [("10.0.0.5",), ("93.184.216.34", "127.0.0.1"), ("::1",), ("fe80::1%eth0",)]
)
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, found: tuple[str, ...]) -> None:
    answers(monkeypatch, *found)
    with pytest.raises(Refused, match="inside our own network"):
        look_up("https://hooks.example.org/told")


def test_the_call_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.216.34")
    place = look_up("https://hooks.example.org:8443/told?a=1#no")
    assert (place.url, place.host, place.authority) == (
        "https://93.184.216.34:8443/told?a=1", "hooks.example.org", "hooks.example.org:8443",
    )  # fmt: skip
    answers(monkeypatch, "2606:2800:220:1::1")
    assert look_up("https://hooks.example.org").url == "https://[2606:2800:220:1::1]:443/"


def test_what_the_operator_named_may_be_inside_and_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "10.0.0.5")
    assert look_up("http://chat.local/told", frozenset({"chat.local"})).url == "http://10.0.0.5:80/told"
    with pytest.raises(Refused):
        look_up("http://other.local/told", frozenset({"chat.local"}))


def test_a_name_that_is_not_known_now_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch)
    with pytest.raises(Unavailable) as caught:
        look_up("https://hooks.example.org/")
    assert not caught.value.permanent


@given(st.integers(0, 2**32 - 1))
def test_wrapping_an_address_never_makes_it_public(number: int) -> None:
    plain = ip_address(number)
    for wrapped in (f"::ffff:{plain}", f"64:ff9b::{plain}"):
        assert is_public(ip_address(wrapped)) == is_public(plain)
    sixtofour = ip_address((0x2002 << 112) | (number << 80))
    assert is_public(sixtofour) == is_public(plain)
