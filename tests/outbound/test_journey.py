"""A delivery's way and the binding of an approval: properties of the pure parts."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from townhall.outbound.logic.changed import TYPING, Colleague, Newer, what_changed
from townhall.outbound.logic.journey import WAYS, Patience, Trial, after_look, after_try, pause
from townhall.outbound.logic.seal import digest_of, salted_digest
from townhall.outbound.logic.words import Picture, Saying

PATIENCE = Patience()
INSTANTS = st.integers(0, 1 << 50)
TRIALS = st.builds(
    Trial, taken=st.sampled_from([True, False, None]), permanent=st.booleans(), retry_at=st.just(0) | INSTANTS
)
PICTURES = st.builds(
    Picture,
    id=st.integers(1, 9),
    digest=st.sampled_from(["a", "b", "ab"]),
    alt=st.sampled_from(["", "a", "b", "ba"]),
)
SAYINGS = st.builds(
    Saying, text=st.text(max_size=8), kind=st.sampled_from(["public", "private"]), brand_id=st.integers(0, 20),
    account_id=st.integers(0, 20), visibility=st.text(max_size=3), recipient=st.text(max_size=3),
    in_reply_to=st.text(max_size=3), conversation=st.text(max_size=3),
    pictures=st.lists(PICTURES, max_size=3).map(tuple),
)  # fmt: skip


@given(TRIALS, st.integers(1, 99), INSTANTS)
def test_after_a_try(trial: Trial, attempts: int, now: int) -> None:
    then = after_try(trial, attempts, now, PATIENCE)
    assert then.state in WAYS["attempting"] and then.at >= now
    assert (then.state == "waiting") == (trial.taken is False and not trial.permanent)
    assert (then.state == "unclear") == (trial.taken is None)
    if then.state == "waiting":
        assert then.at >= trial.retry_at


@given(TRIALS, st.integers(1, 99), st.booleans(), INSTANTS)
def test_after_a_look_it_goes_again_only_when_it_is_certainly_not_there(
    found: Trial, looks: int, proves: bool, now: int
) -> None:
    then = after_look(found, looks, proves, now, PATIENCE)
    assert then.state in WAYS["unclear"]
    assert (then.state == "waiting") == (found.taken is False and proves)
    assert (then.state == "sent") == bool(found.taken)
    if looks >= PATIENCE.looks:
        assert then.state != "unclear"


def test_every_state_leads_to_an_end_and_nothing_leads_out_of_sent() -> None:
    def reaches(state: str, seen: frozenset[str] = frozenset()) -> set[str]:
        more = WAYS[state] - seen  # type: ignore[index]
        return set(more).union(*(reaches(to, seen | more) for to in more))

    assert not WAYS["sent"] and not WAYS["undone"]
    assert all({"sent", "undone"} & reaches(state) for state in WAYS if WAYS[state])
    assert "sent" not in WAYS["overdue"] | WAYS["failed"] | WAYS["waiting"]


@given(st.integers(1, 200))
def test_pauses_grow_to_a_bound(tries: int) -> None:
    assert (
        PATIENCE.first_pause <= pause(tries, PATIENCE) <= pause(tries + 1, PATIENCE) <= PATIENCE.longest_pause
    )


@given(SAYINGS, SAYINGS, st.binary(min_size=16, max_size=16))
def test_a_digest_is_of_exactly_one_saying(one: Saying, other: Saying, salt: bytes) -> None:
    same = bound(one) == bound(other)
    assert (digest_of(one) == digest_of(other)) == same
    assert (salted_digest(salt, one) == salted_digest(salt, other)) == same


def bound(saying: Saying) -> tuple[object, ...]:
    """What an approval is of: all but where a picture's bytes lie and how large they are."""
    pictures = [(one.digest, one.alt) for one in saying.pictures]
    return (*(getattr(saying, name) for name in saying.__struct_fields__ if name != "pictures"), pictures)


TEXT = Saying(
    text="It arrives tomorrow.", kind="public", brand_id=1, account_id=2, visibility="public", recipient="dana",
    in_reply_to="9", conversation="c",
)  # fmt: skip
ONE, TWO = Picture(id=1, digest="a" * 64, alt="A box"), Picture(id=2, digest="b" * 64, alt="A key")


def test_a_text_without_pictures_is_bound_as_it_always_was() -> None:
    assert digest_of(TEXT).hex() == "b30c67425da9a8d5efe5fc15d0ae342ed6740ee55f428a8c92333ffaa4ec7ff5"


def test_any_change_of_the_pictures_is_another_saying() -> None:
    sayings = [
        (), (ONE,), (TWO,), (ONE, TWO), (TWO, ONE), (ONE, ONE), (replace(ONE, alt="A bag"),), (replace(ONE, digest="c" * 64),),
    ]  # fmt: skip
    digests = {digest_of(replace(TEXT, pictures=pictures)) for pictures in sayings}
    assert len(digests) == len(sayings)
    assert digest_of(replace(TEXT, pictures=(replace(ONE, id=7),))) == digest_of(
        replace(TEXT, pictures=(ONE,))
    )


def test_fields_do_not_run_into_each_other() -> None:
    base = {"kind": "public", "brand_id": 1, "account_id": 1, "visibility": "public", "conversation": ""}
    one = Saying(text="c", recipient="ab", in_reply_to="", **base)  # type: ignore[arg-type]
    other = Saying(text="c", recipient="a", in_reply_to="b", **base)  # type: ignore[arg-type]
    assert digest_of(one) != digest_of(other)


@given(st.integers(0, 3), st.integers(1, 3), st.booleans(), st.integers(0, 2 * TYPING))
def test_a_send_stops_exactly_when_something_is_new(seen: int, version: int, arrived: bool, ago: int) -> None:
    now = 10 * TYPING
    newer = (Newer(1, "Dana", "Hello?", now),) if arrived else ()
    typing = (Colleague(2, "Bo", "typing", "I", now - ago),)
    moved = seen != 0 and seen != version
    assert bool(what_changed(seen, version, 1, newer, (), now)) == (arrived or moved)
    assert bool(what_changed(version, version, 1, (), typing, now)) == (ago < TYPING)
