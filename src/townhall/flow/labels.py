"""Saying what a post is: labels by people, beside what was read, each with its fact. The recorded judgement stays as it was."""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.enrich.logic.heads import HEADS, feeling, head_of
from townhall.enrich.store import asks, labels
from townhall.enrich.store.labels import Read
from townhall.flow import posts
from townhall.flow.replay import context_at
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Forbidden, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require
from townhall.policy.logic import Context

_SPACE = 0x6C6162


class Understood(Struct, frozen=True):
    """A post of the asker's brand and what each head said of it; a head that is not known any more said ""."""

    interaction: int
    heads: dict[str, Read]


def understood(conn: Connection[Any], kek: bytes, asker: Asker, interaction: int) -> Understood:
    """What was read when the post came in. ``conn`` is a worker's, which may open the record. Three queries.

    Raises ``NotFound`` for a post of another brand and one that was deleted, ``Refused`` for one of our own.
    """
    require(asker, "read_case")
    post = posts.heard(conn, interaction)
    if post is None or post.brand != asker.brand_id or post.deleted:
        raise NotFound("That post does not exist.")
    if post.direction == "out":
        raise Refused("Posts of our own are not read for what they say.")
    context = context_at(conn, kek, post.block, post.ordinal)
    read_by = context.read_by if context is not None else ""
    found = {
        "question": _yes_or_no("question", post.question, context),
        "sentiment": (feeling(post.sentiment), post.certainty),
        "intent": (post.intent, context.intent_p or -1.0 if context is not None else -1.0),
        "complaint": _yes_or_no("complaint", None, context),
        **{name: _yes_or_no(name, name in post.findings, context) for name in ("spam", "abuse", "urgent")},
    }
    return Understood(
        interaction, {name: Read(said, float(chance), read_by) for name, (said, chance) in found.items()}
    )


def _yes_or_no(name: str, stored: bool | None, context: Context | None) -> tuple[str, float]:
    """The value and its chance: by the context that was judged, else by what the row tells."""
    if context is None:
        return ("" if stored is None else HEADS[name].values[int(stored)]), -1.0
    yes = float(getattr(context, f"{name}_p"))
    return HEADS[name].said((1 - yes, yes))


def give(conn: Connection[Any], asker: Asker, post: Understood, head: str, value: str, now: Instant) -> int:
    """A person says what the post is. A later label by the same person replaces the one before. Gives the label's id.

    Raises ``Forbidden`` for a program that speaks for nobody, ``Refused`` for a value that the head has not.
    """
    require(asker, "label")
    if not asker.staff_id:
        raise Forbidden("Only a person can say what a post is. Use a token that speaks for one.")
    if value not in head_of(head).values:
        raise Refused(f"{head} is one of {', '.join(head_of(head).values)}, not {value!r}.")
    _lock(conn, post.interaction)
    before = labels.standing(conn, post.interaction, head, asker.staff_id, lock=True)
    if before is not None and before.value == value:
        return before.id
    if before is not None:
        labels.end(conn, before.id, now)
    read = post.heads[head]
    made = labels.add(
        conn, asker.brand_id, post.interaction, head, value, read, asker.staff_id, asker.name, now,
        before.id if before else 0,
    )  # fmt: skip
    data = {"label": made, "head": head, "value": value, "said": read.said, "model": read.read_by}
    if read.chance >= 0:
        data["chance"] = round(read.chance, 4)
    if before is not None:
        data["replaces"] = before.id
    _tell(conn, asker, "given", post.interaction, now, data)
    return made


def take_back(conn: Connection[Any], asker: Asker, label: int, now: Instant) -> int:
    """Whoever gave a label takes it back; the one that it replaced stands again. Gives the post.

    Raises ``NotFound`` when it does not stand (any more), ``Forbidden`` for somebody else's.
    """
    require(asker, "label")
    found = labels.get(conn, asker.brand_id, label)
    if found is None:
        raise NotFound("That label does not exist, or was taken back.")
    if found.staff != asker.staff_id:
        raise Forbidden(f"{found.by} said this, and alone takes it back. Say what you think yourself.")
    _lock(conn, found.interaction)
    if not labels.end(conn, label, now):
        raise NotFound("That label does not exist, or was taken back.")
    if found.replaces:
        labels.stand_again(conn, found.replaces)
    data = {"label": label, "head": found.head, "value": found.value, "again": found.replaces}
    _tell(conn, asker, "taken_back", found.interaction, now, data)
    return found.interaction


def pass_over(conn: Connection[Any], asker: Asker, head: str, interaction: int) -> None:
    """The asker cannot say, and is not asked this again. Raises ``NotFound`` when it is not asked."""
    require(asker, "label")
    head_of(head)
    if not asks.pass_over(conn, asker.brand_id, head, interaction, asker.staff_id):
        raise NotFound("That is not asked (any more).")


def _lock(conn: Connection[Any], interaction: int) -> None:
    """One act on a post's labels at a time."""
    conn.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, interaction & 0x7FFFFFFF])


def _tell(
    conn: Connection[Any], asker: Asker, what: str, interaction: int, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.label.{what}", subject=f"interaction/{interaction}", time=now, brand=asker.brand_id, actor=asker.actor,
        data=data,
    )  # fmt: skip
    journal.append(conn, [fact])
