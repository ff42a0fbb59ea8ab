"""An approval is given to somebody else: they are told at once, and the queue shows whom one waits for."""

from typing import Any

from psycopg import Connection

from townhall import journal
from townhall.care import notices
from townhall.care.notices import Telling
from townhall.desk import duty
from townhall.flow.outbound_approval import held_release
from townhall.flow.outbound_facts import fact_of
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Refused
from townhall.outbound.store import holds
from townhall.people.doors import Asker


def delegate(conn: Connection[Any], asker: Asker, release_id: int, staff_id: int, now: Instant) -> None:
    """Asks one person to decide about held words. Others who may decide still may.

    Raises ``Refused`` for the author, for the asker, and for somebody whose roles could not lift this hold.
    """
    release = held_release(conn, asker, release_id)
    hold = holds.get(conn, release.id)
    able = duty.with_role(conn, asker.brand_id, tuple(sorted(hold.approvers))) if hold else []
    if staff_id not in able or staff_id in (release.author_id, release.editor_id, asker.staff_id):
        raise Refused("Give it to somebody else whose roles may decide, and who neither wrote nor edited it.")
    title = f"{asker.name} asks you to decide about a reply by {release.author}"
    url = f"/approvals/#held-{release_id}"
    told = Telling(asker.brand_id, staff_id, "approval", f"release/{release_id}", title, url, True)
    notices.tell(conn, told, now)
    journal.append(
        conn, [fact_of("townhall.release.delegated", release, asker.actor, now, to=f"staff/{staff_id}")]
    )
