"""Policy versions: written, asked about, reviewed by another person, returned, thrown away. Each act with its fact.

Putting a reviewed version in force is in ``policy_activation``. A version is named by its number within the brand. Its
text may change until it was once in force; then it stands for ever, because verdicts name it.
"""

import hashlib
from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.flow.approving import behind
from townhall.flow.policy_examined import Examined, NeedsExamining
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Forbidden, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require
from townhall.policy.logic import parse_policy
from townhall.policy.logic.journey import Reviewer, why_not, why_not_decide
from townhall.policy.logic.located import LARGEST
from townhall.policy.store import versions as store
from townhall.policy.store.versions import Act, Version
from townhall.routing import store as routing

LONGEST_NOTE = 1_000
"""Characters of a note or a reason."""
ALWAYS = "always"


def draft(
    conn: Connection[Any], asker: Asker, source: str, now: Instant, *, note: str = "", based_on: int = 0
) -> Version:
    """A new draft; it need not pass a check yet. ``based_on`` is the number of the version it was made from."""
    require(asker, "write_policy")
    bounded(source, note)
    made = store.make_draft(
        conn, asker.brand_id, source, digest_of(source), note.strip(), based_on, act_of(asker, "draft", now)
    )
    tell(conn, asker, "drafted", made, now, based_on=based_on)
    return made


def rewrite(
    conn: Connection[Any], asker: Asker, number: int, source: str, now: Instant, *, seen: str
) -> Version:
    """New words for a version that was never in force: a draft again, and a review of the old words is void.

    ``seen`` is the digest of the text the writer began from. Raises ``Conflict`` when it was changed meanwhile.
    """
    require(asker, "write_policy")
    bounded(source, "")
    version = locked(conn, asker, number, "change")
    if seen != version.digest:
        raise Conflict(
            f"Somebody changed version {number} after you opened it. Nothing was saved; read it again first."
        )
    digest = digest_of(source)
    if digest != version.digest:
        store.put_text(conn, version, source, digest, act_of(asker, "change", now))
        tell(conn, asker, "changed", version, now, digest=digest, was=version.digest)
    return _again(conn, version)


def ask_review(
    conn: Connection[Any],
    asker: Asker,
    number: int,
    now: Instant,
    *,
    note: str = "",
    examined: Examined | None = None,
) -> Version:
    """Its author asks that another person reviews it. Raises ``NeedsExamining`` until ``examined`` is of its text, and
    ``Refused`` while it does not pass the check."""
    require(asker, "write_policy")
    bounded("-", note)
    version = locked(conn, asker, number, "ask")
    if not is_author(asker, version):
        raise Forbidden(f"Version {number} was written by {version.author}, who alone asks for its review.")
    must_pass(conn, version, examined)
    return _moved(conn, asker, version, "in_review", "ask", "review_asked", now, note)


def approve(conn: Connection[Any], asker: Asker, number: int, digest: str, now: Instant) -> Version:
    """Another person approves exactly the text with this digest (hex). It can be put in force now."""
    version = _to_decide(conn, asker, number, "approve")
    if digest != version.digest:
        raise Conflict(
            f"Version {number} was changed after you opened it. Nothing was approved; read it again."
        )
    return _moved(conn, asker, version, "reviewed", "approve", "reviewed", now, "", reviewed=digest)


def send_back(conn: Connection[Any], asker: Asker, number: int, reason: str, now: Instant) -> Version:
    """Another person gives it back to its author with a reason; it is a draft again."""
    if not reason.strip():
        raise Refused("Say why: the author has to know what to change.")
    bounded("-", reason)
    version = _to_decide(conn, asker, number, "return")
    return _moved(conn, asker, version, "draft", "return", "returned", now, reason.strip(), reviewed="")


def discard(conn: Connection[Any], asker: Asker, number: int, now: Instant) -> Version:
    """Throws away a version that was never in force. Its text stays in the record."""
    require(asker, "write_policy")
    version = locked(conn, asker, number, "discard")
    return _moved(conn, asker, version, "discarded", "discard", "discarded", now, "")


def digest_of(source: str) -> str:
    """SHA-256 (hex) of the exact bytes, as a policy that is read from them has it."""
    return hashlib.sha256(source.encode()).hexdigest()


def must_pass(conn: Connection[Any], version: Version, examined: Examined | None) -> None:
    """Raises ``Refused`` with each fault of its text, for calendars that the brand has not, and for a text that was not
    decided in time; ``NeedsExamining`` unless what was examined is this very text."""
    if examined is None or examined.digest != version.digest:
        raise NeedsExamining(version.source)
    found = examined.faults or _strange_calendars(conn, version)
    if examined.left and not found:
        raise Refused(
            f"Version {version.number} was not decided in time: {examined.left} of its rules were not looked at within"
            f" {examined.seconds:g} seconds. Nothing was changed. Ask again, and it goes on where it stopped."
        )
    if found:
        more = f" And {len(found) - 5} more." if len(found) > 5 else ""
        raise Refused(f"Version {version.number} does not pass the check: {'; '.join(found[:5])}.{more}")


def _strange_calendars(conn: Connection[Any], version: Version) -> tuple[str, ...]:
    """Calendars that the brand has not: a clock by them would run day and night."""
    policy = parse_policy(version.source)
    named = {rule.calendar for rule in policy.rules} | {policy.otherwise.calendar}
    known = {slug for _, brand, slug, *_ in routing.calendars(conn) if brand == version.brand_id}
    there = ", ".join(sorted({*known, ALWAYS}))
    return tuple(
        f"there is no calendar {name}; there are {there}" for name in sorted(named - known - {"", ALWAYS})
    )


def locked(conn: Connection[Any], asker: Asker, number: int, act: str) -> Version:
    """The brand's version, locked for an act that may follow now. Raises ``NotFound`` or ``Conflict``."""
    version = store.get(conn, asker.brand_id, number, lock=True)
    if version is None:
        raise NotFound(f"There is no policy version {number}.")
    if why := why_not(act, version.state):
        raise Conflict(f"Version {number}: {why}")
    return version


def is_author(asker: Asker, version: Version) -> bool:
    """Whether the asker wrote the text as it stands. Programs are told apart by their names."""
    if asker.staff_id or version.author_id:
        return asker.staff_id == version.author_id
    return asker.name == version.author


def act_of(asker: Asker, act: str, now: Instant, remark: str = "") -> Act:
    """An act of the asker, as it is kept beside the version."""
    return Act(act, now, asker.staff_id, asker.name, remark)


def tell(conn: Connection[Any], asker: Asker, what: str, version: Version, now: Instant, **data: Any) -> None:
    """The act's fact: which version, and which bytes."""
    told = {"number": version.number, "digest": version.digest, "by": asker.name, **data}
    fact = Fact(
        type=f"townhall.policy.{what}", subject=f"policy/{version.id}", time=now, brand=version.brand_id,
        actor=asker.actor, data=told,
    )  # fmt: skip
    journal.append(conn, [fact])


def _to_decide(conn: Connection[Any], asker: Asker, number: int, act: str) -> Version:
    require(asker, "review_policy")
    version = locked(conn, asker, number, act)
    author = behind(conn, version.brand_id, version.author_id, version.author)
    if why := why_not_decide(Reviewer(asker.staff_id, author)):
        raise Forbidden(why)
    return version


def _moved(
    conn: Connection[Any], asker: Asker, version: Version, state: str, act: str, fact: str, now: Instant, remark: str,
    *, reviewed: str | None = None,
) -> Version:  # fmt: skip
    if not store.move(conn, version, state, act_of(asker, act, now, remark), reviewed=reviewed):
        raise Conflict(f"Somebody else was quicker with version {version.number}. Read it again.")
    tell(conn, asker, fact, version, now, **({"remark": remark} if remark else {}))
    return _again(conn, version)


def _again(conn: Connection[Any], version: Version) -> Version:
    found = store.get(conn, version.brand_id, version.number)
    assert found is not None
    return found


def bounded(source: str, note: str) -> None:
    """Raises ``Refused`` for an empty or too long text, and for a note or reason that is too long."""
    if not source.strip():
        raise Refused("The document is empty. Start from a starter policy: townhall policy library.")
    if len(source) > LARGEST or "\0" in source:
        raise Refused(f"A policy is a text of at most {LARGEST:,} characters, without NUL.")
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise Refused(f"A note or a reason has at most {LONGEST_NOTE:,} characters, without NUL.")
