"""Acts on an incident, as decisions; and which open cases look alike enough to be one.

An incident gathers cases about one thing under a number of its brand. A case belongs to one at most; what was gathered
under one that is closed may go to another.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from townhall.care.logic.cases import Refusal
from townhall.kernel.clock import DAY, Instant

LONGEST_TITLE = 120
FURTHEST_UPDATE: Instant = 30 * DAY


class Incident(Struct, frozen=True):
    """``owner`` is who leads it (0: nobody); ``next_update`` when the next word about it is due, ``closed_at`` when it was closed
    and by whom (0 and "" each: not). ``surge`` names what rises, as attention does ("topic/signal"; "": nothing)."""

    brand: int
    number: int
    title: str
    owner: int
    next_update: Instant
    opened_at: Instant
    opened_by: str
    closed_at: Instant = 0
    closed_by: str = ""
    surge: str = ""

    def is_open(self) -> bool:
        """Whether cases may be gathered under it."""
        return not self.closed_at


Outcome = Incident | Refusal
CHANGED = ("title", "owner", "next_update", "closed_at", "closed_by")
"""What acts change."""


def title_of(words: str) -> str | Refusal:
    """A title as it is kept: one line."""
    title = " ".join(words.split())
    if not title:
        return Refusal("Give the incident a title that colleagues will know it by.")
    if len(title) > LONGEST_TITLE:
        return Refusal(f"A title has at most {LONGEST_TITLE} characters.")
    return title


def named_after(sentence: str) -> str:
    """A title for an incident of what rises: what stands between quotes, else the sentence as far as it fits."""
    quoted = re.search("“([^”]+)”", sentence)
    words = " ".join((quoted[1] if quoted else sentence).split())
    title = words[:LONGEST_TITLE].rstrip(" .")
    return title[:1].upper() + title[1:] or "What rises now"


def close(incident: Incident, actor: str, now: Instant) -> Outcome:
    """The incident over. Its cases stay as they are."""
    if not incident.is_open():
        return Refusal("This incident is closed already; nothing was changed.")
    return replace(incident, closed_at=now, closed_by=actor, next_update=0)


def reopen(incident: Incident) -> Outcome:
    """The incident open again, with the cases that went to no other meanwhile."""
    if incident.is_open():
        return Refusal("This incident is open already; nothing was changed.")
    return replace(incident, closed_at=0, closed_by="")


def give(incident: Incident, staff: int) -> Outcome:
    """The incident led by that person; 0: by nobody."""
    if not incident.is_open():
        return Refusal("This incident is closed. Reopen it first, then say who leads it.")
    if incident.owner == staff:
        return Refusal("It is led so already; nothing was changed.")
    return replace(incident, owner=staff)


def promise_update(incident: Incident, at: Instant, now: Instant) -> Outcome:
    """When the next word about it is due; 0: none is."""
    if not incident.is_open():
        return Refusal("This incident is closed; no update of it is due.")
    if at and at <= now:
        return Refusal("That moment has passed. Choose a later one.")
    if at > now + FURTHEST_UPDATE:
        return Refusal("The next update is due within 30 days.")
    if incident.next_update == at:
        return Refusal("It is due then already; nothing was changed.")
    return replace(incident, next_update=at)


def rename(incident: Incident, words: str) -> Outcome:
    """The incident under another title."""
    title = title_of(words)
    if isinstance(title, Refusal):
        return title
    if title == incident.title:
        return Refusal("It has that title already; nothing was changed.")
    return replace(incident, title=title)


def sides(before: Incident, after: Incident) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields an act changed, as they were and as they became."""
    old, new = asdict(before), asdict(after)
    changed = [name for name in CHANGED if old[name] != new[name]]
    return {name: old[name] for name in changed}, {name: new[name] for name in changed}


def restore(incident: Incident, before: Mapping[str, Any], after: Mapping[str, Any]) -> Outcome:
    """The incident with a change taken back, exactly; refused when what the change made no longer stands."""
    now = asdict(incident)
    if any(now[name] != value for name, value in after.items()):
        return Refusal("Somebody changed this incident since, so it was left as it is.")
    return replace(incident, **dict(before))


ALIKE = 10
"""Fewer cases are no storm."""
SHARE = 30
"""Percent of a rise from which one subject or one text is what it is about."""


class Recent(Struct, frozen=True):
    """An open case of late: its account, what its newest post is about, and that post's fingerprint (0: its text is
    too short to be alike by more than chance)."""

    case: int
    account: int
    topics: tuple[str, ...]
    print: int


def alike(recent: Sequence[Recent], kind: str, subject: str, apart: int) -> list[int]:
    """Of these cases those that what rises is made of: its topic, or in a volume's rise the near-copies of one text or the
    commonest subject, whichever are more. Fingerprints of near-copies differ in up to ``apart`` bits. Nothing below ``ALIKE``."""
    if kind == "topic":
        found = [one.case for one in recent if subject in one.topics]
        return found if len(found) >= ALIKE else []
    among = [one for one in recent if subject in ("0", str(one.account))]
    found = max(_copies(among, apart), _subject(among), key=len)
    return found if len(found) >= ALIKE and 100 * len(found) >= SHARE * len(among) else []


def covered_by(gathered: Sequence[tuple[int, Recent]], kind: str, subject: str, apart: int) -> int:
    """Of cases under open incidents (its number, the case) the incident that has most of what rises; 0 when fewer than ``ALIKE``
    of all are made of it. What is gathered already is no second incident."""
    like = set(alike([one for _, one in gathered], kind, subject, apart))
    counted = Counter(number for number, one in gathered if one.case in like)
    return min(counted, key=lambda number: (-counted[number], number)) if counted else 0


def _copies(among: Sequence[Recent], apart: int) -> list[int]:
    counted = Counter(one.print for one in among if one.print)
    if not counted:
        return []
    often = min(counted, key=lambda mark: (-counted[mark], mark))
    return [one.case for one in among if one.print and (one.print ^ often).bit_count() <= apart]


def _subject(among: Sequence[Recent]) -> list[int]:
    counted = Counter(word for one in among for word in set(one.topics))
    if not counted:
        return []
    word = min(counted, key=lambda word: (-counted[word], word))
    return [one.case for one in among if word in one.topics]
