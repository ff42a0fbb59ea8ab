"""Putting a taught model to use, going back, and saying so in the record. Workers read by it within two seconds.

One act at a time for each brand. A model is put to use when it was better than the one in use on posts that one had not learnt
from, or when somebody says why it should be all the same.
"""

from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.enrich.learning.kept import digest_of
from townhall.enrich.logic.heads import head_of
from townhall.enrich.store import models
from townhall.enrich.store.models import OwnModel
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

SHIPPED = 0
"""The number that stands for the shipped model."""
LONGEST_REASON = 1_000


class InUse(Struct, frozen=True):
    """Version ``number`` of ``head`` reads the brand's posts since ``at``; ``retired`` did before (0: the shipped model)."""

    head: str
    number: int
    digest: str
    at: Instant
    retired: int


def activate(
    conn: Connection[Any], asker: Asker, head: str, number: int, now: Instant, *, reason: str = ""
) -> InUse:
    """A candidate reads from now on. Raises ``Refused`` when it was not shown to be better and no reason is given, or its file is
    not the one that was kept; ``Conflict`` when it is in use or was before; ``NotFound``.
    """
    model = _opened(conn, asker, head, number, reason)
    if model.state != "candidate":
        raise Conflict(
            f"Version {number} of {head} {'is in use' if model.state == 'active' else 'was in use before: go back to it'}."
        )
    if not reason.strip() and (why := why_not(model, models.active(conn, asker.brand_id, head))):
        raise Refused(f"{why} Give a reason to put it to use all the same.")
    return _use(conn, asker, model, "activated", reason.strip(), now)


def why_not(model: OwnModel, rival: OwnModel | None) -> str:
    """Why a candidate is not put to use without a reason ("" when it is)."""
    against = model.card["against"]
    if against["digest"] != (rival.digest if rival else ""):
        return f"Version {model.number} was compared with {against['model']}, which is not in use any more. Train it again."
    if "candidate" not in against:
        return f"Version {model.number} was compared on {against['rows']} posts only, too few to tell."
    if not against["better"]:
        new, old = against["candidate"]["macro_f1"], against["other"]["macro_f1"]
        return (
            f"Version {model.number} is not better than the model in use ({against['model']}) on {against['rows']} posts"
            f" that it had not learnt from: F1 {new:.3f} to {old:.3f}, {against['won']} posts won and {against['lost']} lost."
        )
    return ""


def roll_back(
    conn: Connection[Any], asker: Asker, head: str, number: int, reason: str, now: Instant
) -> InUse:
    """A version that was in use before reads again; number 0 is the shipped model. The reason is kept.

    Raises ``Refused`` without a reason, ``Conflict`` when that version is in use or never was.
    """
    if not reason.strip():
        raise Refused("Say why you go back: whoever taught the newer version has to know.")
    if number == SHIPPED:
        return _ship(conn, asker, head_of(head).name, reason, now)
    model = _opened(conn, asker, head, number, reason)
    if model.state != "retired":
        raise Conflict(
            f"Version {number} of {head} {'is in use' if model.state == 'active' else 'was never in use'}."
        )
    return _use(conn, asker, model, "rolled_back", reason.strip(), now)


def _ship(conn: Connection[Any], asker: Asker, head: str, reason: str, now: Instant) -> InUse:
    require(asker, "teach_models")
    _bounded(reason)
    models.lock(conn, asker.brand_id)
    retired = models.retire(conn, asker.brand_id, head)
    if not retired:
        raise Conflict(f"The shipped model reads {head} already.")
    _tell(conn, asker, "rolled_back", InUse(head, SHIPPED, "", now, retired), 0, reason.strip())
    return InUse(head, SHIPPED, "", now, retired)


def _opened(conn: Connection[Any], asker: Asker, head: str, number: int, reason: str) -> OwnModel:
    """The version, with every act on the brand's models kept off; its file is the one that was kept."""
    require(asker, "teach_models")
    _bounded(reason)
    models.lock(conn, asker.brand_id)
    model = models.get(conn, asker.brand_id, head_of(head).name, number)
    if model is None:
        raise NotFound(f"There is no version {number} of {head}.")
    if digest_of(models.file_of(conn, model.id)) != model.digest:
        raise Refused(f"The file of version {number} is not the one that was kept (SHA-256). Train it again.")
    return model


def _bounded(reason: str) -> None:
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise Refused(f"A reason has at most {LONGEST_REASON:,} characters.")


def _use(conn: Connection[Any], asker: Asker, model: OwnModel, what: str, reason: str, now: Instant) -> InUse:
    retired = models.retire(conn, asker.brand_id, model.head)
    if not models.make_active(conn, model, asker.name, now):
        raise Conflict(
            f"Somebody else was quicker with version {model.number} of {model.head}. Read it again."
        )
    done = InUse(model.head, model.number, model.digest, now, retired)
    _tell(conn, asker, what, done, model.id, reason)
    return done


def _tell(conn: Connection[Any], asker: Asker, what: str, done: InUse, model: int, reason: str) -> None:
    act = "activate" if what == "activated" else "roll_back"
    models.remember(conn, asker.brand_id, done.head, model, act, done.at, asker.staff_id, asker.name, reason)
    data: dict[str, Any] = {
        "head": done.head, "number": done.number, "digest": done.digest, "retired": done.retired,
    }  # fmt: skip
    if reason:
        data["reason"] = reason
    fact = Fact(
        type=f"townhall.model.{what}", subject=f"model/{model}", time=done.at, brand=asker.brand_id, actor=asker.actor,
        data=data,
    )  # fmt: skip
    journal.append(conn, [fact])
