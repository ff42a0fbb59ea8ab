"""What becomes of posts that their authors deleted: the firm's choice for a channel, and an exception for one post.

Nothing is rewritten: each reading decides by what stands then, and whatever is chosen, the words stay in the sealed record. The
record holds who chose what, when; not the reason for an exception, which may speak of somebody.
"""

from typing import Any, cast

from psycopg import Connection

from townhall import journal
from townhall.archive import retention as store
from townhall.archive.logic import Choice, fault
from townhall.channels import CHANNELS
from townhall.desk import retention as desk
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, NotFound, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

_CHANGED = "Somebody chose for this channel after you opened the page. Nothing was changed; look at their choice first."


def choose(
    conn: Connection[Any], asker: Asker, channel: str, choice: str, basis: str, seen: int, now: Instant
) -> None:
    """The firm's choice for a channel from now on, for every post deleted there so far and later.

    ``seen`` is the newest choice, of whatever channel, that its author saw (0: none). Raises ``Refused`` for what is no choice,
    for one that keeps without saying by what, and for the one that stands; ``Conflict`` when another was made there meanwhile.
    """
    require(asker, "decide_deleted")
    if channel not in CHANNELS:
        raise Refused("There is no such channel. Nothing was changed.")
    basis = " ".join(basis.split())
    if why := fault(choice, basis, must=choice == "keep"):
        raise Refused(why)
    stands = store.rules(conn, asker.brand_id).get(channel)
    replaces = stands.id if stands else 0
    if replaces > seen:
        raise Conflict(_CHANGED)
    if stands and (stands.choice, stands.basis) == (choice, basis):
        raise Refused("That is the firm's choice already. Nothing was changed.")
    chosen = cast(Choice, choice)
    made = store.choose(
        conn, asker.brand_id, channel, chosen, basis, asker.staff_id, asker.name, replaces, now
    )  # fmt: skip
    if not made:
        raise Conflict(_CHANGED)
    before = desk.choice_of(channel, stands).choice
    data = {"rule": made, "choice": choice, "before": before, "replaces": replaces, "basis": basis}
    _tell(conn, asker, "chosen", f"retention/{channel}", now, data)


def exempt(conn: Connection[Any], asker: Asker, post_id: int, choice: str, reason: str, now: Instant) -> int:
    """One deleted post is shown to who may read its case, or withheld, against the firm's choice. Gives the exception's id.

    Raises ``NotFound`` for a post that no customer of the brand deleted, ``Refused`` without a reason or where it is so already,
    ``Conflict`` when somebody made an exception meanwhile.
    """
    require(asker, "decide_deleted")
    reason = " ".join(reason.split())
    if why := fault(choice, reason, must=True):
        raise Refused(why)
    gone = desk.fates(conn, asker.brand_id, [post_id]).get(post_id)
    if gone is None:
        raise NotFound("There is no such post that its author deleted.")
    if gone.exemption:
        raise Conflict(f"{gone.exemption.made_by} decided about this post already. Take that back first.")
    if gone.choice == choice:
        raise Refused(f"It is {'shown' if gone.shown else 'withheld'} already. Nothing was changed.")
    made = store.exempt(
        conn, asker.brand_id, post_id, cast(Choice, choice), reason, asker.staff_id, asker.name, now
    )
    if not made:
        raise Conflict("Somebody decided about this post meanwhile. Nothing was changed.")
    what = "shown" if choice == "keep" else "withheld"
    _tell(conn, asker, what, f"interaction/{post_id}", now, {"exemption": made})
    return made


def take_back(conn: Connection[Any], asker: Asker, exemption: int, now: Instant) -> None:
    """The firm's choice holds for that post again. Raises ``NotFound`` for an exception that does not stand."""
    require(asker, "decide_deleted")
    post = store.take_back(conn, asker.brand_id, exemption, asker.name, now)
    if not post:
        raise NotFound("That exception does not stand any more.")
    _tell(conn, asker, "taken_back", f"interaction/{post}", now, {"exemption": exemption})


def _tell(
    conn: Connection[Any], asker: Asker, what: str, subject: str, now: Instant, data: dict[str, Any]
) -> None:
    fact = Fact(
        type=f"townhall.retention.{what}", subject=subject, time=now, brand=asker.brand_id, actor=asker.actor, data=data
    )  # fmt: skip
    journal.append(conn, [fact])
