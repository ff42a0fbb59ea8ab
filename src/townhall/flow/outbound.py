"""The author's verbs: keep a draft, ask the guard, send, take back, edit what is held.

``submit`` is the one door: person, macro, rule, scheduler, API and AI all pass it. A plain "no" is a value and the
text is kept as a draft; the caller commits whatever comes back.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection

from townhall import journal
from townhall.care import store as cases
from townhall.desk.reply_place import Place
from townhall.flow.drafting import back_to_draft
from townhall.flow.fold_again import folded_again
from townhall.flow.outbound_facts import fact_of
from townhall.flow.outbound_gather import changed_since, place_of, saying_at, silence, surroundings
from townhall.flow.outbound_outcome import Blocked, Held, Outcome, Released, Silenced, Stopped
from townhall.flow.outbound_release import hold_it, let_go
from townhall.flow.picturing import described, strayed
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.outbound.logic.changed import Changed
from townhall.outbound.logic.guard import judge, with_wish
from townhall.outbound.logic.journey import HOLD_WINDOW
from townhall.outbound.logic.seal import digest_of
from townhall.outbound.logic.words import Allow, Block, Decision, Hold, Kind, Saying, Surroundings
from townhall.outbound.store import drafts, holds, outbox, pictures, releases, statements
from townhall.outbound.store.drafts import Draft
from townhall.outbound.store.releases import Release
from townhall.people.doors import Asker, require

MAX_TEXT = 20_000
"""Characters of a draft: far beyond every network, and small enough to judge while somebody types."""


class Composed(Struct, frozen=True, kw_only=True):
    """What an author hands over. ``seen_post`` is the newest post on their page, ``seen_version`` the case's version
    there, ``seen_at`` when it was drawn (0 each: the caller cannot say). ``reply_to`` 0 answers the newest post. ``ask``: somebody is to approve it in any case,
    ``ask_why`` in the author's words. ``pictures`` are those of the draft as the author saw them, in order: (id, what it shows)."""

    case_id: int
    kind: Kind
    text: str
    seen_post: int = 0
    seen_version: int = 0
    seen_at: Instant = 0
    reply_to: int = 0
    ask: bool = False
    ask_why: str = ""
    pictures: tuple[tuple[int, str], ...] = ()


def save_draft(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    kind: str,
    text: str,
    now: Instant,
    *,
    reply_to: int = 0,
    seen_post: int = 0,
    seen_version: int = 0,
    known_version: int | None = None,
    alts: Mapping[int, str] | None = None,
) -> Draft:
    """Keeps what somebody has written so far, and in ``alts`` what pictures of the draft show. Raises ``Conflict`` when another
    device saved after ``known_version``."""
    require(asker, "note" if kind == "note" else "reply")
    if len(text) > MAX_TEXT:
        raise Refused(f"A draft holds at most {MAX_TEXT} characters.")
    cases.case(conn, asker.brand_id, case_id)
    fresh = Draft(
        0, asker.brand_id, case_id, asker.staff_id, asker.name, kind, reply_to, text, seen_post, seen_version, 0, "", now
    )  # fmt: skip
    kept = drafts.save(conn, fresh, known_version)
    if kept is None:
        raise Conflict("This draft was changed on another device. Look at that version before you go on.")
    return described(conn, kept, alts) if alts else kept


def discard_draft(conn: Connection[Any], asker: Asker, case_id: int, kind: str) -> bool:
    """Throws the asker's draft away, with its pictures; whether there was one."""
    dropped = drafts.drop(conn, case_id, asker.staff_id, kind)
    pictures.drop_unused(conn, case_id)
    return dropped


def submit(
    conn: Connection[Any],
    asker: Asker,
    composed: Composed,
    now: Instant,
    *,
    force: bool = False,
    window: Instant = HOLD_WINDOW,
) -> Outcome:
    """Sends, as far as it may: see ``Outcome``. ``force`` sends although something is new. ``window`` in microseconds.

    Raises ``Forbidden``, ``NotFound``, or ``Refused`` for a text beyond all bounds.
    """
    place = place_of(conn, asker, composed.case_id, composed.reply_to)
    cases.case(conn, asker.brand_id, composed.case_id, lock=True)
    draft = _saved(conn, asker, composed, now)
    if why := silence(conn, place) or strayed(draft, [id for id, _ in composed.pictures]):
        return Silenced(why, draft)
    changed = changed_since(
        conn, asker, place, composed.seen_post, composed.seen_version, composed.seen_at, now
    )
    if changed and not force:
        return Stopped(changed, draft)
    saying = saying_at(place, composed.kind, composed.text, draft.pictures)
    decision = _judged(saying, surroundings(conn, place, saying), composed.ask)
    if isinstance(decision, Block):
        return Blocked(decision, draft)
    release = _release(asker, place, draft, composed, saying, decision, now)
    return _keep(conn, asker, release, decision, now, window)


def compare(conn: Connection[Any], asker: Asker, composed: Composed, now: Instant) -> Changed | None:
    """Keeps the draft and gives what a send would stop for: what is new, and what colleagues write. It never sends.

    Raises as ``submit`` does.
    """
    place = place_of(conn, asker, composed.case_id, composed.reply_to)
    _saved(conn, asker, composed, now)
    return changed_since(conn, asker, place, composed.seen_post, composed.seen_version, composed.seen_at, now)


def edit(
    conn: Connection[Any],
    asker: Asker,
    release_id: int,
    text: str,
    now: Instant,
    *,
    version: int | None = None,
    window: Instant = HOLD_WINDOW,
) -> Outcome:
    """New words, beside the same pictures, for a release that has not gone out; any approval of the old words is void. Only its author may.

    The case is locked behind the release, as by every act on one: a statement that takes the case up meanwhile waits for this
    one, and this one for the statement. Raises ``Conflict`` when a statement answered there since these words were written.
    """
    old = own_release(conn, asker, release_id)
    if version is not None and version != old.version:
        raise Conflict("This text was changed meanwhile. Look at the newer version first.")
    cases.case(conn, asker.brand_id, old.case_id, lock=True)
    if statements.answered_since(conn, old.case_id, old.id):
        raise Conflict(
            "A statement answered this customer after you wrote. Nothing was sent; take yours back, and look first."
        )
    place = place_of(conn, asker, old.case_id, old.reply_to)
    saying = saying_at(place, old.kind, text, old.pictures)  # type: ignore[arg-type]
    decision = _judged(saying, surroundings(conn, place, saying, release_id), old.asked)
    if isinstance(decision, Block):
        return Blocked(decision, None)
    _take_back(conn, asker, old, "edited", now)
    fresh = _reworded(old, saying, decision, place.latest_post)
    releases.reword(conn, fresh)
    return _decide(conn, asker, fresh, decision, now, window, fact="townhall.release.edited")


def withdraw(conn: Connection[Any], asker: Asker, release_id: int, now: Instant) -> Draft:
    """Takes a release back before it goes: out of the queue of approvals, or within the hold window (undo).

    The text is a draft again. Raises ``Conflict`` when it is on its way already.
    """
    release = own_release(conn, asker, release_id)
    _take_back(conn, asker, release, "withdrawn", now)
    releases.put_state(conn, release_id, "withdrawn")
    draft = back_to_draft(conn, release, "", now)
    withdrawn = fact_of("townhall.release.withdrawn", release, asker.actor, now)
    journal.append(conn, [withdrawn, *folded_again(conn, release.case_id, now)])
    return draft


def own_release(conn: Connection[Any], asker: Asker, release_id: int) -> Release:
    """A release of the asker's own, locked. Raises ``NotFound`` for anybody else's."""
    require(asker, "reply")
    release = releases.get(conn, release_id, lock=True)
    if release is None or release.brand_id != asker.brand_id or release.author_id != asker.staff_id:
        raise NotFound("You have no such reply.")
    return release


def _saved(conn: Connection[Any], asker: Asker, composed: Composed, now: Instant) -> Draft:
    """What was handed over, as a draft first: nothing of it is lost whatever follows."""
    return save_draft(
        conn, asker, composed.case_id, composed.kind, composed.text, now, reply_to=composed.reply_to,
        seen_post=composed.seen_post, seen_version=composed.seen_version, alts=dict(composed.pictures),
    )  # fmt: skip


def _judged(saying: Saying, around: Surroundings, asked: bool) -> Decision:
    decision = judge(saying, around)
    return with_wish(decision) if asked else decision


def _release(
    asker: Asker,
    place: Place,
    draft: Draft,
    composed: Composed,
    saying: Saying,
    decision: Decision,
    now: Instant,
) -> Release:
    own = composed.text.strip() == draft.earlier.strip()
    return Release(
        brand_id=saying.brand_id, case_id=composed.case_id, thread_id=place.thread_id, account_id=saying.account_id,
        channel=place.channel, kind=saying.kind, visibility=saying.visibility, recipient=saying.recipient, reply_to=place.post_id,
        in_reply_to=saying.in_reply_to, conversation=saying.conversation, text=saying.text, digest=digest_of(saying),
        salt=secrets.token_bytes(16), author_id=asker.staff_id, author=asker.name, made_at=now,
        findings=tuple(remark.finding for remark in decision.remarks), seen_post=composed.seen_post,
        state="released" if isinstance(decision, Allow) else "held", earlier_text="" if own else draft.earlier,
        asked=composed.ask, asked_why=composed.ask_why.strip() if composed.ask else "",
        editor_id=0 if own else draft.editor_id, editor="" if own else draft.editor, pictures=saying.pictures,
    )  # fmt: skip


def _reworded(old: Release, saying: Saying, decision: Decision, seen_post: int) -> Release:
    return replace(
        old, text=saying.text, digest=digest_of(saying), salt=secrets.token_bytes(16), version=old.version + 1,
        earlier_text=old.text, findings=tuple(remark.finding for remark in decision.remarks), seen_post=seen_post,
        state="released" if isinstance(decision, Allow) else "held",
    )  # fmt: skip


def _keep(
    conn: Connection[Any], asker: Asker, release: Release, decision: Decision, now: Instant, window: Instant
) -> Outcome:
    kept = replace(release, id=releases.add(conn, release))
    drafts.drop(conn, kept.case_id, asker.staff_id, kept.kind)
    return _decide(conn, asker, kept, decision, now, window)


def _decide(
    conn: Connection[Any],
    asker: Asker,
    release: Release,
    decision: Decision,
    now: Instant,
    window: Instant,
    fact: str = "",
) -> Released | Held:
    """Writes what the guard decided, with its facts as the last statement."""
    facts = [fact_of(fact, release, asker.actor, now, version=release.version)] if fact else []
    if isinstance(decision, Hold):
        outcome, more = hold_it(conn, release, decision, asker.actor, now)
        journal.append(conn, [*facts, more, *folded_again(conn, release.case_id, now)])
        return outcome
    released, more = let_go(conn, release, asker.actor, now, window)
    journal.append(conn, [*facts, more])
    return released


def _take_back(conn: Connection[Any], asker: Asker, release: Release, why: str, now: Instant) -> None:
    """Ends the hold, or undoes the delivery while nothing of it can have reached the network."""
    if release.state == "held":
        holds.end(conn, release.id, "withdrawn", asker.actor, why, now)
        holds.void(conn, release.id, why, now)
        return
    going = outbox.live_of(conn, release.id, lock=True)
    stays = going is None or not outbox.move(
        conn, going.id, ("waiting", "overdue", "failed"), "undone", asker.actor, now
    )
    if release.state != "released" or stays:
        raise Conflict("It is too late to take this back: it is on its way, or was sent already.")
    holds.void(conn, release.id, why, now)
    holds.no_longer_of(conn, release.id, asker.actor, why)
