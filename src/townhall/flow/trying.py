"""Trying a policy: on a stored post with the context it was judged on, or on a text that nobody posted. Writes nothing."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.calendar import ALWAYS, Timetable, parse_calendar
from townhall.enrich import Understanding
from townhall.enrich.logic.enriched import Enriched
from townhall.enrich.taught import TaughtHeads
from townhall.flow.danger import OwnNames, danger_of, kinds
from townhall.flow.house import MAIN_CALENDAR
from townhall.flow.replay import one, read
from townhall.flow.taught import TaughtBook
from townhall.kernel.activity import Activity
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.errors import NotFound, Refused
from townhall.outbound.store.terms import domains
from townhall.people.brands import Brand
from townhall.people.doors import Asker, require
from townhall.policy import store as policies
from townhall.policy.logic import Context, Explanation, Policy, explain
from townhall.policy.logic.counterfactual import Otherwise, otherwise
from townhall.routing import ledger

LONGEST = 10_000
"""Characters of a text that is tried."""


class Tried(Struct, frozen=True):
    """A verdict with its reasons, and the single facts that would have changed it."""

    policy: Policy
    context: Context
    explanation: Explanation
    would_change: Sequence[Otherwise]


class Imagined(Struct, frozen=True):
    """A post that nobody wrote: its text and what a text alone does not say."""

    text: str
    channel: str = ""
    visibility: str = "public"
    is_reply: bool = False
    author_known: bool = False


def context_of(conn: Connection[Any], kek: bytes, asker: Asker, interaction: int) -> tuple[Context, int, str]:
    """What a stored post was judged on, the number of the version that judged it, and that version's exact text.

    ``conn`` is a worker's, which may read the record. Raises ``NotFound`` for a post of another brand, one of our own,
    and one whose content was erased.
    """
    require(asker, "read_case")
    brand, post = one(conn, kek, interaction)
    if brand != asker.brand_id:
        raise NotFound("That post does not exist.")
    return post.context, post.policy, policies.source(conn, post.policy)


def contexts_of(
    conn: Connection[Any], kek: bytes, asker: Asker, interactions: Sequence[int]
) -> dict[int, Context]:
    """What some of the brand's stored posts were judged on, by number: four queries each, so name a few. Posts of
    another brand, of our own and those whose content was erased are left out. ``conn`` is a worker's.
    """
    require(asker, "read_case")
    found = (read(conn, kek, asker.brand_id, one - 1, one + 1, 1).posts for one in interactions)
    return {post.id: post.context for posts in found for post in posts}


def imagine(
    conn: Connection[Any], asker: Asker, brand: Brand, imagined: Imagined, now: Instant
) -> Callable[[Understanding], Context]:
    """The context of a text as if it came in now, once somebody has understood it. Raises ``Refused`` for an empty or
    very long one. The database is asked here; what is given back asks it no more, and may take its time elsewhere.

    It is read as the workers read: by the brand's own models too, where some are in use.
    """
    require(asker, "read_policy")
    if not imagined.text.strip():
        raise Refused("Paste or write what somebody might post.")
    if len(imagined.text) > LONGEST:
        raise Refused(f"A text to try has at most {LONGEST:,} characters.")
    document = ledger.calendar_document(conn, brand.id, MAIN_CALENDAR)
    hours = Timetable(parse_calendar(document) if document else ALWAYS)
    own, taught = OwnNames(domains(conn, brand.id)), TaughtBook()
    taught.refresh(conn)

    def context(reader: Understanding) -> Context:
        found = _understood(reader, taught.of.get(brand.id), imagined.text)
        return _context(found, brand, own, imagined, hours.is_open(now), now)

    return context


def tried(policy: Policy, context: Context) -> Tried:
    """The verdict with its reasons."""
    return Tried(policy, context, explain(policy, context), otherwise(policy, context))


def _understood(reader: Understanding, own: TaughtHeads | None, text: str) -> Enriched:
    found, likely = reader.read([text], [""])
    if own:
        found, _ = own.corrected(reader, [text], found, likely)
    return found[0]


def _context(
    found: Enriched, brand: Brand, own: OwnNames, imagined: Imagined, is_open: bool, now: Instant
) -> Context:
    danger = danger_of(found, Activity(verb="Create", object_id="imagined"), own, 0)
    local = to_datetime(now).astimezone(brand.zone_info())
    return Context(
        text=imagined.text, language=found.language, question=found.question, question_p=found.question_p,
        intent=found.intent, sentiment=found.sentiment, complaint_p=found.complaint_p, length=len(imagined.text),
        finding_kinds=kinds(found, danger), visibility=imagined.visibility, is_reply=imagined.is_reply,
        author_known=imagined.author_known, channel=imagined.channel, brand=brand.slug, hour=local.hour,
        weekday=local.weekday(), open=is_open, at=now, abuse_p=found.abuse_p, spam_p=found.spam_p,
        urgent_p=found.urgent_p, link_risk=danger.link_risk, signs=(*found.signs, *danger.signs),
        sentiment_p=found.sentiment_p, intent_p=found.intent_p,
    )  # fmt: skip
