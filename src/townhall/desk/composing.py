"""What the composer of a conversation shows: who speaks, where, to whom, and how a public thread goes on in private."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection

from townhall.channels import CHANNELS
from townhall.channels.carried import Carried, carried
from townhall.channels.port import ChannelModule
from townhall.desk import conversation_sql as sql
from townhall.desk import lines
from townhall.desk.views.composer import ComposerFacts, DraftView, MacroView, MoveView, ReleaseView
from townhall.desk.views.conversation import PersonView, PostView
from townhall.outbound.logic.moving import Line, why_not_move
from townhall.outbound.store.pictures import read as pictures

Row = tuple[Any, ...]
_WANTS_PRIVATE = "answer_private"


def composer(
    conn: Connection[Any],
    brand: int,
    staff: int,
    row: Row,
    posts: Sequence[PostView],
    person: PersonView,
    releases: Sequence[ReleaseView],
) -> ComposerFacts:
    """The composer of a case (``row`` of ``conversation_sql.case``) for one author. Three queries."""
    channel = CHANNELS.get(row[18])
    matter = next((post for post in posts if post.matter), None)
    macros = sql.macros(conn, brand)
    stopped = sql.stops(conn, row[17], row[18])
    return ComposerFacts(
        account_id=row[17],
        account_handle=row[19],
        channel=row[18],
        network=channel.card.title if channel else row[18],
        reply_to=matter.id if matter else 0,
        reply_to_native=matter.native_id if matter else "",
        reply_to_handle=(matter.author if matter else person).handle,
        audience=row[26],
        length_limit=row[22] or (channel.card.max_length if channel else 0),
        can_reply_private=channel.card.private_reply if channel else False,
        observe_only=row[24] == "observe",
        stopped=bool(stopped),
        refusals=_refusals(row, stopped, gone=matter is None and any(post.gone for post in posts)),
        drafts=tuple(
            replace(DraftView(*draft), pictures=pictures(draft[-1]))
            for draft in sql.drafts(conn, row[0], staff)
        ),
        macros=tuple(MacroView(*macro[:3]) for macro in macros if not macro[4]),
        carries=carried(channel.card, False, Carried(*row[35:38])) if channel else Carried(),
        carries_private=carried(channel.card, True, Carried(*row[35:38])) if channel else Carried(),
        move=_move(channel, row, matter, person, [Line(m[2], m[3]) for m in macros if m[4]], releases),
    )


def _refusals(row: Row, stops: Sequence[Row], *, gone: bool) -> tuple[str, ...]:
    found = [f"Everything by this {stop[0]} is stopped: {stop[1]}" for stop in stops]
    if gone:
        found.append("The customer deleted what would be answered here.")
    if row[24] == "observe":
        found.insert(0, "This brand only observes; nothing can be sent.")
    if not row[21]:
        found.append("Sending by this account is paused in its settings.")
    return tuple(found)


def _move(
    channel: ChannelModule | None, row: Row, matter: PostView | None, person: PersonView, own: Sequence[Line],
    releases: Sequence[ReleaseView],
) -> MoveView | None:  # fmt: skip
    if channel is None or matter is None:
        return None
    by_hand = channel.card.to_them(row[30], row[31], row[20])
    if why_not_move("direct" in (row[26], matter.visibility), channel.card.private_reply, by_hand):
        return None
    account = lines.Speaker(row[18], row[29], row[19], row[20])
    moved = any(one.kind == "private" for one in releases)
    return MoveView(
        line=lines.line(own, account, row[6], person.name),
        by_hand=by_hand,
        wanted=matter.effect == _WANTS_PRIVATE and not moved,
        rule=matter.rule,
    )
