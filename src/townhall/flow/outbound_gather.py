"""What the outbound verbs read before they decide: the place of a reply, and what the guard must know of it."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from msgspec.structs import replace
from psycopg import Connection

from townhall import enrich
from townhall.channels import CHANNELS
from townhall.channels.carried import Carried, carried
from townhall.desk import reply_place
from townhall.desk.reply_place import Place
from townhall.kernel.clock import Instant
from townhall.kernel.errors import NotFound
from townhall.kernel.finding import Finding
from townhall.outbound.logic.changed import Changed, Colleague, Newer, what_changed
from townhall.outbound.logic.guard import handles_in
from townhall.outbound.logic.seal import digest_of
from townhall.outbound.logic.words import Kind, Picture, Saying, Stop, Surroundings, Term, Wanted
from townhall.outbound.store import drafts, outbox, releases, stops, terms
from townhall.people.doors import Asker, require

OBSERVE_ONLY = "This brand only observes: nothing is sent. An administrator can let it answer."
_NAMED_IN_TEXT = frozenset({"mastodon"})
"""Networks that tell a person of a reply only when it names them: the client adds the handle, and it counts."""


def place_of(conn: Connection[Any], asker: Asker, case_id: int, reply_to: int = 0) -> Place:
    """The place of a reply, for somebody who may answer. Raises ``Forbidden`` or ``NotFound``."""
    require(asker, "reply")
    found = reply_place.place(conn, asker.brand_id, case_id, reply_to)
    if found is None:
        raise NotFound("That conversation does not exist.")
    return found


def carries(place: Place, private: bool) -> Carried:
    """How many pictures a reply there carries, and how large they may be."""
    stated = Carried(place.max_pictures, place.picture_bytes, place.alt_length)
    return carried(CHANNELS[place.channel].card, private, stated)


def saying_at(place: Place, kind: Kind, text: str, pictures: tuple[Picture, ...] = ()) -> Saying:
    """The words and pictures with the account and audience that they would have there."""
    by_handle = place.channel in _NAMED_IN_TEXT
    recipient = place.to_handle if by_handle else place.to_native if kind == "private" else ""
    return Saying(
        text=text,
        kind=kind,
        brand_id=place.brand_id,
        account_id=place.account_id,
        visibility="direct" if kind == "private" else _public(place.post_visibility),
        recipient=recipient,
        in_reply_to=place.post_native,
        conversation=place.conversation,
        pictures=pictures,
    )


def surroundings(conn: Connection[Any], place: Place, saying: Saying, release_id: int = 0) -> Surroundings:
    """All that the guard asks about a text at a place, in five queries."""
    names = [name for text in saying.texts for name, _, _ in handles_in(text)]
    house = (
        tuple(kept.term for kept in terms.terms(conn, place.brand_id)),
        terms.domains(conn, place.brand_id),
    )
    return around(
        place, saying, house, reply_place.wanted_approvals(conn, place),
        already_said=outbox.said_already(conn, digest_of(saying), release_id),
        strangers=reply_place.strangers(conn, place.brand_id, place.thread_id, names),
    )  # fmt: skip


def around(
    place: Place,
    saying: Saying,
    house: tuple[tuple[Term, ...], tuple[str, ...]],
    wanted: Sequence[tuple[str, list[list[str]]]],
    *,
    already_said: bool,
    strangers: frozenset[str] = frozenset(),
) -> Surroundings:
    """What the guard asks, put together from what was read: the brand's terms and own hosts (``house``), what the policy wants
    approved there."""
    channel, room = CHANNELS[place.channel], carries(place, saying.kind == "private")
    return Surroundings(
        thread_brand=place.brand_id,
        thread_account=place.thread_account,
        thread_private=place.post_visibility == "direct",
        can_reply_private=channel.card.private_reply,
        length=channel.length(_counted(saying, place)),
        max_length=place.max_length or channel.card.max_length,
        target_deleted=place.post_deleted,
        already_said=already_said,
        personal=tuple(_personal(saying)),
        most_pictures=room.most,
        longest_alt=room.alt,
        terms=house[0],
        domains=house[1],
        strangers=strangers,
        wanted=tuple(Wanted(rule, tuple(map(frozenset, steps))) for rule, steps in wanted),
    )


def _personal(saying: Saying) -> Iterator[Finding]:
    """Personal data and secrets in all that is read, each with the place where it is."""
    for place, text in enumerate(saying.texts):
        for found in enrich.find_personal_data(text):
            yield replace(found, picture=place) if place else found


class Outlet(Protocol):
    """What speaks on a network: an account of a brand."""

    @property
    def brand_id(self) -> int: ...
    @property
    def brand_state(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def account_id(self) -> int: ...
    @property
    def account_handle(self) -> str: ...
    @property
    def sending(self) -> bool: ...


def silence(conn: Connection[Any], place: Outlet) -> str:
    """Why nothing goes out there now ("" when it may): an observing brand, an account switched off, a stop."""
    if place.brand_state != "live":
        return OBSERVE_ONLY
    if not place.sending:
        return f"Sending is switched off for @{place.account_handle}."
    if stop := stop_over(stops.standing(conn), place.brand_id, place.channel, place.account_id):
        return f"Outbound is stopped ({stop.scope}) by {stop.stopped_by}: {stop.cause}"
    return ""


def stop_over(standing: list[Stop], brand_id: int, channel: str, account_id: int) -> Stop | None:
    """The first stop that covers this account, if any."""
    for stop in standing:
        wide = stop.scope == "everything" or (stop.scope == "brand" and stop.brand_id == brand_id)
        if wide or (stop.brand_id == brand_id and (stop.scope, stop.target) in
                    {("channel", channel), ("account", str(account_id))}):  # fmt: skip
            return stop
    return None


def changed_since(
    conn: Connection[Any],
    asker: Asker,
    place: Place,
    seen_post: int,
    seen_version: int,
    seen_at: Instant,
    now: Instant,
) -> Changed | None:
    """What the author has not seen: posts, the case itself, colleagues who answer here."""
    posts = reply_place.newer(conn, place.thread_id, seen_post, seen_at) if seen_post else []
    newer = tuple(Newer(p.id, p.author, p.text, p.at, p.change) for p in posts)
    colleagues = (*_writing(conn, asker, place), *_speaking(conn, asker, place, seen_at))
    return what_changed(seen_version, place.version, place.latest_post, newer, colleagues, now)


def _writing(conn: Connection[Any], asker: Asker, place: Place) -> list[Colleague]:
    others = drafts.of_others(conn, place.case_id, asker.staff_id, ["public", "private"])
    return [Colleague(d.staff_id, d.author, "typing", d.text, d.saved_at) for d in others]


def _speaking(conn: Connection[Any], asker: Asker, place: Place, seen_at: Instant) -> list[Colleague]:
    """Colleagues' releases that are held or on their way, and those sent since the author looked."""
    said = []
    for release in releases.of_case(conn, place.case_id):
        if release.author_id == asker.staff_id or release.state not in ("held", "released"):
            continue
        going = outbox.live_of(conn, release.id)
        doing = (
            "held" if release.state == "held" else "sent" if going and going.state == "sent" else "sending"
        )
        old = doing == "sent" and not (seen_at and going and (going.sent_at or 0) > seen_at)
        gone = release.state == "released" and (going is None or going.state == "failed")
        if not old and not gone:
            said.append(Colleague(release.author_id, release.author, doing, release.text, release.made_at))
    return said


def _public(visibility: str) -> str:
    """Never wider than what is answered: an answer would carry its words out of its audience."""
    return visibility if visibility in ("unlisted", "followers") else "public"


def _counted(saying: Saying, place: Place) -> str:
    handle = saying.recipient
    if place.channel not in _NAMED_IN_TEXT or not handle or f"@{handle}".casefold() in saying.text.casefold():
        return saying.text
    return f"@{handle} {saying.text}"
