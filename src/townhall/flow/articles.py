"""Articles of a brand's own help: added, changed, retired, restored, taken from a file, and each act undone exactly."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from psycopg import Connection
from psycopg.errors import UniqueViolation

from townhall import journal
from townhall.care import article_changes as changes
from townhall.care import articles as store
from townhall.care.articles import Article, Change
from townhall.care.logic.article_files import Reject, Taken, Unreadable, articles_of
from townhall.care.logic.entry import Entry, Wrong
from townhall.enrich import UNDETERMINED, addresses, language_of, plain_words
from townhall.flow.article_uses import learn
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

MOST = 5_000
"""Articles of a brand in use."""
LARGEST_FILE = 16 << 20
"""Bytes of a file of articles."""
AT_ONCE = 500
"""Articles whose words are put down in one statement."""
_FULL = f"A brand has at most {MOST:,} articles in use. Retire some first."
_SAID = ("title", "url", "language", "text")


class Kept(Struct, frozen=True):
    """What stands after an act: the article, and the change by which the act is undone (0: nothing was changed)."""

    article: int
    change: int


class TakenIn(Struct, frozen=True):
    """What came of a file: how many articles were new, changed, known as they are, and left retired as somebody wished; the
    lines that became none; and the change by which all of it is undone (0: nothing was changed)."""

    added: int
    changed: int
    same: int
    retired: int
    rejects: tuple[Reject, ...]
    change: int


class Undone(Struct, frozen=True):
    """How many articles stand as before, and how many were left because somebody changed them since."""

    done: int
    left: int


def write(
    conn: Connection[Any], asker: Asker, entry: Entry | Wrong, now: Instant, *, instead: int = 0
) -> Kept:
    """Adds an article, or changes the one with the id ``instead``. An address that is retired comes back with these words.

    Raises ``Refused`` with why it is no article, ``Conflict`` when another article has the address, ``NotFound``.
    """
    require(asker, "manage_answers")
    if isinstance(entry, Wrong):
        raise Refused(entry.why)
    old = _existing(conn, asker, instead) if instead else None
    holder = store.of_keys(conn, asker.brand_id, [key_of(entry.url)], lock=True).get(key_of(entry.url))
    if holder and holder.id != instead and (instead or not holder.retired_at):
        raise Conflict(f"“{holder.title}” has that address already. Change that article instead.")
    old = old or holder
    if old is None:
        return _keep(conn, asker, _add(conn, asker, [entry], now), now)
    found = _changed(old, entry, asker, now, retired=old.retired_at if instead else 0)
    return _keep(conn, asker, _put(conn, asker, [(old, found)] if found else [], now), now, old.id)


def retire(conn: Connection[Any], asker: Asker, article_id: int, now: Instant) -> Kept:
    """Suggests an article no more. Raises ``NotFound``; one that is retired already stays so."""
    return _turn(conn, asker, article_id, now, retired=now)


def restore(conn: Connection[Any], asker: Asker, article_id: int, now: Instant) -> Kept:
    """Suggests a retired article again. Raises ``NotFound``."""
    return _turn(conn, asker, article_id, now, retired=0)


def _turn(conn: Connection[Any], asker: Asker, article_id: int, now: Instant, *, retired: Instant) -> Kept:
    require(asker, "manage_answers")
    old = _existing(conn, asker, article_id)
    if bool(old.retired_at) == bool(retired):
        return Kept(old.id, 0)
    fresh = replace(old, retired_at=retired, changed_by=asker.name, changed_at=now)
    return _keep(conn, asker, _put(conn, asker, [(old, fresh)], now), now, old.id)


def take_in(conn: Connection[Any], asker: Asker, raw: bytes, now: Instant) -> TakenIn:
    """Takes a file of articles: new addresses are added, known ones brought to its words, so that the same file again changes
    nothing. What somebody retired stays retired. Raises ``Refused`` for a file that is none of articles."""
    require(asker, "manage_answers")
    if len(raw) > LARGEST_FILE:
        raise Refused(f"A file of articles has at most {LARGEST_FILE >> 20} MB. Hand it in as several.")
    read = articles_of(raw)
    if isinstance(read, Unreadable):
        raise Refused(read.why)
    rejects = [one for one in read if isinstance(one, Reject)]
    taken, twice = _one_each(one for one in read if isinstance(one, Taken))
    known = store.of_keys(conn, asker.brand_id, taken, lock=True)
    fresh = {key: one for key, one in taken.items() if key not in known}
    room = MOST - store.in_use(conn, asker.brand_id)
    over = [Reject(one.line, _FULL) for one in list(fresh.values())[max(room, 0) :]]
    retired = sum(bool(one.retired_at) for one in known.values())
    pairs = [
        (old, new)
        for key, old in known.items()
        if not old.retired_at and (new := _changed(old, taken[key].entry, asker, now, retired=0))
    ]
    done = _add(conn, asker, [one.entry for one in list(fresh.values())[: max(room, 0)]], now)
    done += _put(conn, asker, pairs, now)
    change = changes.note(conn, asker.brand_id, done) if done else 0
    added = len(done) - len(pairs)
    if done:
        _say(conn, asker, "imported", f"change/{change}", now, {"added": added, "changed": len(pairs)})
    wrong = sorted([*rejects, *twice, *over], key=lambda one: one.line)
    return TakenIn(added, len(pairs), len(known) - retired - len(pairs), retired, tuple(wrong), change)


def _one_each(taken: Iterable[Taken]) -> tuple[dict[str, Taken], list[Reject]]:
    """By key; of two addresses that lead to the same place the later is refused."""
    kept: dict[str, Taken] = {}
    twice = []
    for one in taken:
        key = key_of(one.entry.url)
        if key in kept:
            twice.append(Reject(one.line, f"Line {kept[key].line} leads to the same place."))
        kept.setdefault(key, one)
    return kept, twice


def undo(conn: Connection[Any], asker: Asker, change_id: int, now: Instant, *, alone: bool = False) -> Undone:
    """Takes an act back, with all that was done at once with it unless ``alone``; what somebody changed since is left as it is.

    Raises ``NotFound`` when there is no such act, ``Conflict`` when it is undone already.
    """
    require(asker, "manage_answers")
    done = [
        one
        for one in changes.done_at_once(conn, asker.brand_id, change_id)
        if not alone or one.id == change_id
    ]
    if not done:
        raise NotFound("There is no such change.")
    open_ones = [one for one in done if not one.undone_at]
    if not open_ones:
        raise Conflict("That is undone already.")
    standing = {
        one.id: one for one in store.of_ids(conn, asker.brand_id, [c.article for c in open_ones], lock=True)
    }
    back = [(one, standing[one.article]) for one in open_ones if _stands(one, standing[one.article])]
    fresh = [replace(old, **one.before, changed_by=asker.name, changed_at=now) for one, old in back]
    fresh = [replace(one, key=key_of(one.url)) for one in fresh]
    _need_room(conn, asker, [old for _, old in back], fresh)
    _write(conn, asker, fresh)
    changes.undo(conn, asker.brand_id, [one.id for one, _ in back], asker.name, now)
    if back:
        _say(conn, asker, "undone", f"change/{change_id}", now, {"articles": len(back)})
    return Undone(len(back), len(open_ones) - len(back))


def _stands(change: Change, article: Article) -> bool:
    return all(getattr(article, name) == value for name, value in change.after.items())


def _existing(conn: Connection[Any], asker: Asker, article_id: int) -> Article:
    found = store.get(conn, asker.brand_id, article_id, lock=True)
    if found is None:
        raise NotFound("That article does not exist.")
    return found


def key_of(url: str) -> str:
    """Where an address leads, so that the same place is the same words, as addresses in replies are read."""
    found = addresses(url)
    return found[0] if found else url.removeprefix("https://").casefold()


def _tongue(entry: Entry) -> str:
    return entry.language or language_of(f"{entry.title}\n{entry.text}") or UNDETERMINED


def _changed(old: Article, entry: Entry, asker: Asker, now: Instant, *, retired: Instant) -> Article | None:
    """The article with these words, ``None`` where they are its own."""
    said = {"title": entry.title, "url": entry.url, "language": _tongue(entry), "text": entry.text}
    if all(getattr(old, name) == value for name, value in said.items()) and old.retired_at == retired:
        return None
    return replace(
        old, **said, key=key_of(entry.url), retired_at=retired, changed_by=asker.name, changed_at=now
    )


def _add(conn: Connection[Any], asker: Asker, entries: list[Entry], now: Instant) -> list[Change]:
    """New articles, found from now on. Gives their changes, not yet kept."""
    if entries and store.in_use(conn, asker.brand_id) + len(entries) > MOST:
        raise Refused(_FULL)
    named = {key_of(one.url): replace(one, language=_tongue(one)) for one in entries}
    ids = store.add(conn, asker.brand_id, named, asker.name, now) if named else {}
    if len(ids) < len(named):
        raise Conflict("Somebody added one of these addresses just now. Nothing was changed; try again.")
    _index(conn, asker, {id: named[key] for key, id in ids.items()})
    stood = {"retired_at": 0, "changed_at": now}
    return [
        Change(0, id, "added", asker.name, now, {"retired_at": now}, stood) for id in sorted(ids.values())
    ]


def _put(
    conn: Connection[Any], asker: Asker, pairs: list[tuple[Article, Article]], now: Instant
) -> list[Change]:
    """Articles brought to what they shall be. Gives their changes, not yet kept."""
    _need_room(conn, asker, [old for old, _ in pairs], [new for _, new in pairs])
    _write(conn, asker, [new for _, new in pairs])
    return [Change(0, new.id, _act(old, new), asker.name, now, *_difference(old, new)) for old, new in pairs]


def _need_room(conn: Connection[Any], asker: Asker, before: list[Article], after: list[Article]) -> None:
    """Raises ``Refused`` when more articles would be in use than a brand may have."""
    more = sum(bool(one.retired_at) for one in before) - sum(bool(one.retired_at) for one in after)
    if more > 0 and more > MOST - store.in_use(conn, asker.brand_id):
        raise Refused(_FULL)


def _act(old: Article, new: Article) -> str:
    if bool(old.retired_at) != bool(new.retired_at):
        return "retired" if new.retired_at else "restored"
    return "changed"


def _difference(old: Article, new: Article) -> tuple[dict[str, Any], dict[str, Any]]:
    moved = [name for name in (*_SAID, "retired_at") if getattr(old, name) != getattr(new, name)]
    return {name: getattr(old, name) for name in moved}, {name: getattr(new, name) for name in moved}


def _write(conn: Connection[Any], asker: Asker, articles: list[Article]) -> None:
    if not articles:
        return
    try:
        with conn.transaction():
            store.put(conn, asker.brand_id, articles)
    except UniqueViolation as taken:
        raise Conflict("Another article has that address now. Nothing was changed.") from taken
    _index(conn, asker, {one.id: one.entry for one in articles})
    learn(conn, asker.brand_id, [one.id for one in articles])


def _index(conn: Connection[Any], asker: Asker, entries: Mapping[int, Entry]) -> None:
    words = [
        (id, (" ".join(plain_words(one.title)), " ".join(plain_words(one.text))))
        for id, one in entries.items()
    ]
    for start in range(0, len(words), AT_ONCE):
        store.index(conn, asker.brand_id, dict(words[start : start + AT_ONCE]))


def _keep(conn: Connection[Any], asker: Asker, done: list[Change], now: Instant, article: int = 0) -> Kept:
    """Keeps the one change there is, with its fact."""
    if not done:
        return Kept(article, 0)
    change = changes.note(conn, asker.brand_id, done)
    data = {"fields": sorted(done[0].after)} if done[0].act == "changed" else {}
    _say(conn, asker, done[0].act, f"article/{done[0].article}", now, data)
    return Kept(done[0].article, change)


def _say(
    conn: Connection[Any], asker: Asker, what: str, subject: str, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.article.{what}",
        subject=subject,
        time=now,
        brand=asker.brand_id,
        actor=asker.actor,
        data=data,
    )
    journal.append(conn, [fact])
