"""A person's own keys: kept where they differ, and no key ever means two things."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.web.pages.keys import KEYS, own_keys

USUAL = sorted(KEYS)
signs = st.sampled_from([chr(code) for code in range(32, 256)])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a busy machine begins slowly
@given(st.dictionaries(st.sampled_from(USUAL), signs, max_size=6))
def test_what_is_kept_is_one_key_for_each_act(given_keys: dict[str, str]) -> None:
    chosen, wrong = own_keys(given_keys)
    effective = [given_keys.get(key, key) for key in USUAL]
    sound = len(effective) == len(frozenset(effective)) and not any(
        one.isdigit() or one.isspace() or not one.isprintable() for one in given_keys.values()
    )
    assert (wrong == "") == sound
    if sound:
        assert {**{key: key for key in USUAL}, **chosen} == dict(zip(USUAL, effective, strict=True))
        assert all(own != key for key, own in chosen.items())
    else:
        assert chosen == {}


def test_two_acts_may_trade_their_keys() -> None:
    assert own_keys({"j": "k", "k": "j"}) == ({"j": "k", "k": "j"}, "")


def test_a_key_taken_twice_names_both_acts() -> None:
    _, wrong = own_keys({"j": "e"})
    assert "next row" in wrong and "done" in wrong


def test_nothing_is_lost_on_names_that_are_no_keys() -> None:
    assert own_keys({"csrfmiddlewaretoken": "abc", "j": ""}) == ({}, "")
