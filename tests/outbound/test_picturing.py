"""Pictures of replies through the verbs: they live with the draft, are bound by approvals, seen by who may, sent as released."""

import asyncio
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from hand_of_pictures import drawn
from msgspec import structs
from office import NOW, Office
from pretend import Network, OneNetwork

from tests.flow.parish import KEYS
from townhall.channels.carried import MOST, Carried, carried
from townhall.channels.registry import CHANNELS
from townhall.database import Database
from townhall.database.connect import connect, for_brand
from townhall.flow import illustrating, outbound, outbound_approval, outbound_stop, picturing
from townhall.flow.delivery import Deliverer, deliver_once
from townhall.flow.moving import move_to_private
from townhall.flow.outbound import Composed
from townhall.flow.outbound_outcome import Blocked, Held, Released, Silenced
from townhall.flow.picture_space import PictureSpace
from townhall.kernel.clock import SECOND
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.outbound.store import drafts, pictures
from townhall.outbound.store.drafts import Draft
from townhall.vault import seal

Desk = Callable[..., Any]
PHONE = "Please call our colleague at +44 20 7946 0991 today."


def saved(
    at_desk: Desk, who: Any, case: int, text: str = "Here it is.", kind: str = "public", **more: Any
) -> Draft:
    return at_desk(outbound.save_draft, who, case, kind, text, NOW, **more)


def add(
    at_desk: Desk, who: Any, case: int, colour: str = "red", kind: str = "public", text: str = "Here it is."
) -> Draft:
    """One more picture of that colour on the draft."""

    def act(conn: Any, asker: Any) -> Draft:
        draft = outbound.save_draft(conn, asker, case, kind, text, NOW)
        return picturing.attach(conn, KEYS.kek, asker, draft, [drawn(colour)], NOW)

    return at_desk(act, who)


def told(draft: Draft, *alts: str) -> tuple[tuple[int, str], ...]:
    return tuple((one.id, alt) for one, alt in zip(draft.pictures, alts, strict=True))


def say(case: int, draft: Draft, *alts: str, text: str = "Here it is.", **more: Any) -> Composed:
    return Composed(case_id=case, kind=draft.kind, text=text, pictures=told(draft, *alts), **more)  # type: ignore[arg-type]


def kept(office: Office) -> int:
    return int(office.one("SELECT count(*) FROM picture"))


def test_pictures_stay_with_the_draft_like_its_text(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    first = add(at_desk, ann, case)
    add(at_desk, ann, case, "blue")
    again = saved(at_desk, ann, case, "Here they are", alts={first.pictures[0].id: "A red wall"})
    assert [one.alt for one in again.pictures] == ["A red wall", ""]
    later = saved(at_desk, ann, case, "Written on, by a page that knows of no picture")
    assert later.pictures == again.pictures
    (lying,) = (
        office.conn.execute("SELECT body FROM picture WHERE id = %s", [first.pictures[0].id]).fetchone() or ()
    )
    assert drawn("red").data not in bytes(lying), "the bytes lie sealed"


def test_dropped_with_the_draft_and_taken_out_one_by_one(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    add(at_desk, ann, case)
    two = add(at_desk, ann, case, "blue")
    left = at_desk(lambda conn, who: picturing.detach(conn, who, two, two.pictures[0].id), ann)
    assert [one.id for one in left.pictures] == [two.pictures[1].id] and kept(office) == 1
    assert at_desk(outbound.discard_draft, ann, case, "public") and kept(office) == 0


def test_no_more_than_the_channel_carries_and_none_twice(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    for colour in ("red", "green", "blue", "teal"):
        add(at_desk, ann, case, colour)
    with pytest.raises(Refused, match="at most 4 pictures"):
        add(at_desk, ann, case, "black")
    other = office.case(handle="eve")
    add(at_desk, ann, other)
    with pytest.raises(Refused, match="here already"):
        add(at_desk, ann, other)
    office.conn.execute("UPDATE account_health SET max_pictures = 1, picture_bytes = 1000, alt_length = 20")
    with pytest.raises(Refused, match=r"at most 1 picture\. Take"):
        add(at_desk, ann, other, "blue")
    assert at_desk(picturing.room, ann, office.case(handle="fay"), "private") == Carried(1, 1000, 20)
    with pytest.raises(Refused, match="at most 1"):
        at_desk(picturing.room, ann, office.case(handle="gus"), "public", 500)
    with pytest.raises(Refused, match="note"):
        at_desk(picturing.room, ann, case, "note")


def put(
    at_desk: Desk, who: Any, case: int, *colours: str, text: str = "", gone: int = 0, shown: Any = ()
) -> Any:
    """The act of the page: what is written with what is brought, without what is taken out."""
    written = Composed(case_id=case, kind="public", text=text, pictures=shown)

    def act(conn: Any, asker: Any) -> Any:
        return illustrating.illustrated(
            conn, KEYS.kek, asker, written, [drawn(one) for one in colours], gone, NOW
        )

    return at_desk(act, who)


def test_several_come_at_once_all_of_them_or_none(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    two = put(at_desk, ann, case, "red", "blue", "red")
    assert two.why == "" and kept(office) == 2, "the same file chosen twice is one picture"
    digests = [sha256(drawn(colour).data).hexdigest() for colour in ("red", "blue")]
    assert [one.digest for one in two.draft.pictures] == digests
    for colours, why in (
        (("green", "teal", "black"), "at most 4 pictures"), (("green", "blue"), "so none was added"),
        (("blue",), "This picture is here already."),
    ):  # fmt: skip
        refused = put(at_desk, ann, case, *colours, text="Words typed meanwhile")
        assert why in refused.why and kept(office) == 2 and refused.draft.pictures == two.draft.pictures
        assert refused.draft.text == "Words typed meanwhile"
    assert put(at_desk, ann, case, "green", "teal").why == "" and kept(office) == 4


def test_nothing_is_left_of_a_draft_without_words_and_pictures(office: Office, at_desk: Desk) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo"), office.case()

    def rows() -> int:
        return int(office.one("SELECT count(*) FROM draft"))

    draft = put(at_desk, ann, case, "red", "blue").draft
    first, second = (one.id for one in draft.pictures)
    put(at_desk, bo, case, gone=first)
    assert rows() == 1 and kept(office) == 2, "nobody takes a picture out of another's draft"
    assert put(at_desk, ann, case, gone=first, shown=told(draft, "", "Blue")).draft.pictures[0].alt == "Blue"
    assert put(at_desk, ann, case, gone=second, shown=((second, ""),)).draft is None
    assert rows() == kept(office) == 0
    office.conn.execute("UPDATE account_health SET max_pictures = 1")
    assert put(at_desk, ann, case, "red", "blue").why and rows() == kept(office) == 0
    only = put(at_desk, ann, case, "red", text="Here").draft
    assert put(at_desk, ann, case, text="Here", gone=only.pictures[0].id).draft.text == "Here" and rows() == 1


def test_a_channel_without_pictures_says_so(owner: psycopg.Connection, at_desk: Desk) -> None:
    plain = Office(owner, "plainco", channel="webhook")
    with pytest.raises(Refused, match="carries no pictures"):
        at_desk(picturing.room, plain.staff("Ann"), plain.case(), "public")


@pytest.mark.parametrize("channel", sorted(CHANNELS))
@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("stated", [0, 1, 3, 99, 1 << 40])
def test_what_a_server_states_holds_within_our_bounds(channel: str, private: bool, stated: int) -> None:
    card = CHANNELS[channel].card
    room = carried(card, private, Carried(stated, stated, stated))
    most = card.pictures_private if private else card.pictures
    assert bool(room.most) == bool(most) and room.most <= MOST and room.size <= 16 << 20
    if most and not stated:
        assert room == Carried(most, card.picture_bytes, card.alt_length)
    if private:
        assert room.most <= card.pictures_private


def test_it_goes_with_its_words_and_stays_to_be_seen(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    draft = add(at_desk, ann, case)
    silent = at_desk(outbound.submit, ann, say(case, draft, " "), NOW)
    assert isinstance(silent, Blocked) and silent.decision.remarks[0].finding.kind == "no_alt_text"
    by_phone = at_desk(outbound.submit, ann, say(case, draft, PHONE), NOW)
    assert isinstance(by_phone, Held) and [r.finding.picture for r in by_phone.decision.remarks] == [1]
    draft = at_desk(outbound.withdraw, ann, by_phone.release_id, NOW)
    came = at_desk(outbound.submit, ann, say(case, draft, "A red wall"), NOW)
    assert isinstance(came, Released) and kept(office) == 1
    assert office.one("SELECT pictures->0->>'alt' FROM release WHERE state = 'released'") == "A red wall"
    assert office.one("SELECT count(*) FROM draft") == 0


def test_what_goes_is_what_its_author_saw(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    seen = add(at_desk, ann, case)
    add(at_desk, ann, case, "blue")  # on another device
    came = at_desk(outbound.submit, ann, say(case, seen, "A red wall"), NOW)
    assert isinstance(came, Silenced) and came.why == picturing.STRAYED and len(came.draft.pictures) == 2
    none = at_desk(outbound.submit, ann, Composed(case_id=case, kind="public", text="Here it is."), NOW)
    assert isinstance(none, Silenced)


def held(office: Office, at_desk: Desk, who: Any, case: int, *colours: str) -> tuple[int, bytes]:
    for colour in colours:
        draft = add(at_desk, who, case, colour, text=PHONE)
    came = at_desk(outbound.submit, who, say(case, draft, *colours, text=PHONE), NOW)
    assert isinstance(came, Held)
    digest = office.one("SELECT digest FROM release WHERE id = %s", came.release_id)
    return came.release_id, bytes(digest)


@pytest.mark.parametrize(
    "swap",
    [
        """jsonb_set(pictures, '{0,digest}', to_jsonb(repeat('a', 64)))""", """jsonb_set(pictures, '{1,alt}', '"Another"')""",
        "jsonb_build_array(pictures->1, pictures->0)", "pictures - 1", "'[]'", "pictures || pictures",
    ],
)  # fmt: skip
def test_a_picture_that_is_swapped_is_not_what_was_held(office: Office, at_desk: Desk, swap: str) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    release, digest = held(office, at_desk, ann, case, "red", "blue")
    office.conn.execute(f"UPDATE release SET pictures = {swap}")
    with pytest.raises(Conflict, match="not what was held"):
        at_desk(outbound_approval.approve, bo, release, digest, NOW)


def test_other_pictures_are_another_decision_and_void_what_was_approved(
    office: Office, at_desk: Desk
) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    release, digest = held(office, at_desk, ann, case, "red")
    at_desk(outbound_approval.approve, bo, release, digest, NOW)
    draft = at_desk(outbound.withdraw, ann, release, NOW + SECOND)
    assert [one.alt for one in draft.pictures] == ["red"]
    assert office.one("SELECT count(*) FROM approval WHERE voided_at IS NULL") == 0
    at_desk(lambda conn, who: picturing.detach(conn, who, draft, draft.pictures[0].id), ann)
    again, other = held(office, at_desk, ann, case, "blue")
    assert other != digest
    with pytest.raises(Conflict, match="changed this text"):
        at_desk(outbound_approval.approve, bo, again, digest, NOW)
    assert isinstance(at_desk(outbound_approval.approve, bo, again, other, NOW), Released)


def test_the_same_words_with_another_picture_are_not_the_same(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    for colour in ("red", "blue"):
        came = at_desk(outbound.submit, ann, say(case, add(at_desk, ann, case, colour), "A wall"), NOW)
        assert isinstance(came, Released)
    twice = at_desk(outbound.submit, ann, say(case, add(at_desk, ann, case, "red"), "A wall"), NOW)
    assert isinstance(twice, Blocked) and twice.decision.remarks[0].finding.kind == "already_said"


def test_returned_pictures_stand_before_those_begun_meanwhile(office: Office, at_desk: Desk) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    release, _ = held(office, at_desk, ann, case, "red")
    add(at_desk, ann, case, "blue", text="And another")
    draft = at_desk(outbound_approval.send_back, bo, release, "No number, please", NOW)
    assert [one.alt for one in draft.pictures] == ["red", ""] and draft.text == f"{PHONE}\n\nAnd another"


def test_a_picture_that_comes_while_words_are_returned_stays(
    office: Office, at_desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    release, _ = held(office, at_desk, ann, case, "red")
    add(at_desk, ann, case, "blue", text="And another")

    def elsewhere(verb: Callable[..., Any], who: Any, *given: Any) -> Any:
        with connect(database.dsn("web")) as conn, conn.transaction():
            for_brand(conn, who.brand_id)
            return verb(conn, who, *given)

    adding = threading.Thread(target=lambda: add(elsewhere, ann, case, "green", text="And another"))
    read = drafts.mine

    def read_then_wait(*asked: Any, **more: Any) -> Draft | None:
        found = read(*asked, **more)
        monkeypatch.setattr(drafts, "mine", read)
        adding.start()
        adding.join(0.3)  # it is done by then, unless it has to wait for this one
        return found

    monkeypatch.setattr(drafts, "mine", read_then_wait)
    at_desk(outbound_approval.send_back, bo, release, "No number, please", NOW)
    adding.join()
    digests = office.one("SELECT jsonb_path_query_array(pictures, '$[*].digest') FROM draft")
    assert digests == [sha256(drawn(colour).data).hexdigest() for colour in ("red", "blue", "green")]


def test_pictures_go_along_into_the_private_message(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    draft = add(at_desk, ann, case)
    at_desk(
        move_to_private, ann, Composed(case_id=case, kind="public", text="", pictures=told(draft, "x")), NOW
    )
    private = office.conn.execute(
        "SELECT text, pictures->0->>'id' FROM draft WHERE kind = 'private'"
    ).fetchone()
    assert private == ("Here it is.", str(draft.pictures[0].id)) and kept(office) == 1
    assert office.one("SELECT pictures::text FROM release") == "[]"


def test_who_may_see_a_picture(owner: psycopg.Connection, office: Office, at_desk: Desk) -> None:
    other = Office(owner, "otherco")
    ann, bo, cy = (
        office.staff("Ann"),
        office.staff("Bo", "security"),
        other.staff("Cy", "agent", "lead", "compliance"),
    )
    nobody, case = office.staff("Dee", "analyst"), office.case()
    draft = add(at_desk, ann, case)
    picture = draft.pictures[0].id

    def look(conn: Any, who: Any, small: bool = False) -> picturing.Shown:
        return picturing.look(conn, KEYS.kek, who, picture, small=small)

    assert (
        at_desk(look, ann).data == drawn("red").data and at_desk(look, ann, True).data == drawn("red").small
    )
    body, small = office.conn.execute("SELECT body, small_body FROM picture").fetchone() or (b"", b"")
    read = {
        one: pictures.many(office.conn, [picture], small=one)[picture].sealed.body for one in (True, False)
    }
    assert read == {True: small, False: body}, "each alone: a small one costs no more than it has"
    for who, no in ((bo, NotFound), (cy, NotFound), (nobody, Forbidden)):
        with pytest.raises(no):
            at_desk(look, who)
    came = at_desk(outbound.submit, ann, say(case, draft, "A red wall"), NOW)
    assert isinstance(came, Released) and at_desk(look, bo).data == drawn("red").data
    with pytest.raises(NotFound):
        at_desk(look, cy)
    assert at_desk(lambda conn, who: conn.execute("SELECT count(*) FROM picture").fetchone(), cy) == (0,)
    with pytest.raises(Forbidden):
        at_desk(picturing.room, nobody, case, "public")
    with pytest.raises(NotFound):
        at_desk(picturing.room, cy, case, "public")


@pytest.mark.parametrize("text", ["Here it is.", PHONE], ids=["undone", "withdrawn"])
def test_what_its_author_took_back_is_the_drafts_alone_again(
    office: Office, at_desk: Desk, text: str
) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    draft = add(at_desk, ann, case, text=text)
    picture = draft.pictures[0].id

    def look(conn: Any, who: Any) -> bytes:
        return picturing.look(conn, KEYS.kek, who, picture, small=False).data

    came = at_desk(outbound.submit, ann, say(case, draft, "A red wall", text=text), NOW)
    assert isinstance(came, Released | Held) and at_desk(look, bo) == drawn("red").data
    back = at_desk(outbound.withdraw, ann, came.release_id, NOW)
    assert [one.id for one in back.pictures] == [picture]
    assert at_desk(look, ann) == drawn("red").data
    with pytest.raises(NotFound):
        at_desk(look, bo)
    assert at_desk(outbound.discard_draft, ann, case, "public") and kept(office) == 0


def test_a_picture_of_somebody_elses_is_never_sent_by_naming_it(office: Office, at_desk: Desk) -> None:
    ann, bo, case = office.staff("Ann"), office.staff("Bo"), office.case()
    hers = add(at_desk, ann, case)
    saved(at_desk, bo, case)
    came = at_desk(
        outbound.submit, bo, Composed(case_id=case, kind="public", text="Hi", pictures=told(hers, "x")), NOW
    )
    assert isinstance(came, Silenced) and came.draft.pictures == ()


def test_the_record_names_digests_and_no_words_and_no_bytes(office: Office, at_desk: Desk) -> None:
    ann, case = office.staff("Ann"), office.case()
    at_desk(outbound.submit, ann, say(case, add(at_desk, ann, case), "A very red wall"), NOW)
    from townhall.flow.outbound_facts import fact_of
    from townhall.outbound.store import releases

    release = releases.get(office.conn, office.one("SELECT id FROM release"))
    assert release
    told = fact_of("townhall.release.sent", release, "x", NOW)
    alt = sha256(release.salt + b"A very red wall").hexdigest()
    assert told.data["pictures"] == [{"digest": sha256(drawn("red").data).hexdigest(), "alt": alt}]
    assert (
        "pictures"
        not in fact_of("townhall.release.sent", structs.replace(release, pictures=()), "x", NOW).data
    )


@pytest.fixture
def deliverer(database: Database) -> Any:
    with connect(database.dsn("worker")) as conn:
        network = Network()
        yield Deliverer(conn, KEYS, OneNetwork(network), lambda: NOW + 11 * SECOND), network


async def test_the_network_gets_exactly_what_was_released(
    office: Office, at_desk: Desk, deliverer: Any
) -> None:
    ann, case = office.staff("Ann"), office.case()
    add(at_desk, ann, case)
    draft = add(at_desk, ann, case, "blue")
    at_desk(outbound.submit, ann, say(case, draft, "A red wall", "A blue wall"), NOW)
    hand, network = deliverer
    assert await deliver_once(hand) == 1
    (post,) = network.posts
    assert [(one.data, one.alt) for one in post.pictures] == [
        (drawn("red").data, "A red wall"), (drawn("blue").data, "A blue wall")]  # fmt: skip
    assert office.states() == {"sent": 1}


class Waiting(Network):
    """A network whose answers wait for ``go``."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.begun, self.go = 0, asyncio.Event(), asyncio.Event()

    async def send(self, out: Any) -> Any:
        self.inside += 1
        self.begun.set()
        await self.go.wait()
        self.inside -= 1
        return await super().send(out)


@pytest.mark.parametrize(("bytes_at_once", "at_once"), [(1, 1), (10 << 20, 2)])
async def test_pictures_of_calls_share_a_bounded_space(
    office: Office, at_desk: Desk, database: Database, bytes_at_once: int, at_once: int
) -> None:
    ann, network = office.staff("Ann"), Waiting()
    for handle, colour in (("eve", "red"), ("fay", "blue")):
        case = office.case(handle=handle)
        at_desk(outbound.submit, ann, say(case, add(at_desk, ann, case, colour), "A wall"), NOW)
    with connect(database.dsn("worker")) as conn:
        hand = Deliverer(
            conn, KEYS, OneNetwork(network), lambda: NOW + 11 * SECOND, space=PictureSpace(bytes_at_once)
        )
        assert await hand.start() == 2
        await network.begun.wait()
        await hand.tidy()  # whatever was to be opened is opened before
        await asyncio.sleep(0)
        assert network.inside == at_once
        network.go.set()
        await hand.finish()
    assert len(network.posts) == 2 and office.states() == {"sent": 2}


async def test_who_finds_no_space_in_time_is_told_and_holds_none() -> None:
    space = PictureSpace(10)
    async with space.taken(6, 1):
        with pytest.raises(TimeoutError):
            async with space.taken(5, 0):
                raise AssertionError("there is no space for it")
        async with space.taken(4, 0):
            pass
    async with space.taken(11, 0):
        pass


@pytest.mark.parametrize("harm", ["gone", "swapped", "changed", "sealed anew"])
async def test_bytes_that_are_not_what_was_released_never_go(
    office: Office, at_desk: Desk, deliverer: Any, harm: str
) -> None:
    ann, case = office.staff("Ann"), office.case()
    draft = add(at_desk, ann, case)
    at_desk(outbound.submit, ann, say(case, draft, "A red wall"), NOW)
    if harm == "gone":
        office.conn.execute("DELETE FROM picture")
    elif harm == "sealed anew":  # by somebody who has the keys
        digest = draft.pictures[0].digest
        other = seal(KEYS.kek, drawn("blue").data, b"picture " + digest.encode())
        office.conn.execute("UPDATE picture SET key = %s, body = %s", [other.key, other.body])
    elif harm == "changed":
        office.conn.execute("UPDATE picture SET body = set_byte(body, 40, 1 - get_byte(body, 40) % 2)")
    else:
        other = add(at_desk, ann, office.case(handle="eve"), "blue")
        office.conn.execute(
            "UPDATE picture p SET key = q.key, body = q.body FROM picture q WHERE p.id = %s AND q.id = %s",
            [draft.pictures[0].id, other.pictures[0].id],
        )
    hand, network = deliverer
    await deliver_once(hand)
    assert network.requests == 0 and office.states() == {"failed": 1}


async def test_a_stop_and_an_observing_brand_keep_pictures_here(
    office: Office, at_desk: Desk, deliverer: Any
) -> None:
    ann, lead, case = office.staff("Ann"), office.staff("Bo", "lead"), office.case()
    at_desk(outbound.submit, ann, say(case, add(at_desk, ann, case), "A red wall"), NOW)
    at_desk(outbound_stop.stop, lead, "brand", "A drill", NOW)
    hand, network = deliverer
    await deliver_once(hand)
    assert network.requests == 0
    draft = add(at_desk, ann, case, "blue")
    assert isinstance(at_desk(outbound.submit, ann, say(case, draft, "A blue wall"), NOW), Silenced)
    office.conn.execute("UPDATE outbound_stop SET resumed_at = now()")
    office.conn.execute("UPDATE brand SET state = 'observe'")
    assert isinstance(at_desk(outbound.submit, ann, say(case, draft, "A blue wall"), NOW), Silenced)
    await deliver_once(hand)
    assert network.requests == 0 and kept(office) == 2
