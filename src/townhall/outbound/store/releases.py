"""Releases: exact words with the decision about them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection

from townhall.database.instants import reader
from townhall.kernel.clock import Instant, to_datetime
from townhall.kernel.finding import Finding
from townhall.outbound.logic.words import Picture, Saying
from townhall.outbound.store.pictures import read, written

_COLUMNS = (
    "id, brand_id, case_id, thread_id, account_id, channel, kind, visibility, recipient, reply_to, in_reply_to,"
    " conversation, text, digest, salt, author_id, author, made_at, version, earlier_text, findings::text,"
    " seen_post, state, asked, asked_why, editor_id, editor, pictures::text"
)
_findings = msgspec.json.Decoder(tuple[Finding, ...])


class Release(Struct, frozen=True, kw_only=True):
    """``digest`` is over exact words and pictures, account and audience (``logic.seal``); ``version`` grows with each edit and
    ``earlier_text`` is what stood before the last one. ``state``: held, released, returned, withdrawn, expired.

    ``asked``: its author wants an approval, ``asked_why`` in their words. ``editor_id``: who put words into it before
    it came back to its author (0: nobody)."""

    id: int = 0
    brand_id: int
    case_id: int
    thread_id: int
    account_id: int
    channel: str
    kind: str
    visibility: str
    recipient: str
    reply_to: int
    in_reply_to: str
    conversation: str
    text: str
    digest: bytes
    salt: bytes
    author_id: int
    author: str
    made_at: Instant
    version: int = 1
    earlier_text: str = ""
    findings: tuple[Finding, ...] = ()
    seen_post: int = 0
    state: str = "held"
    asked: bool = False
    asked_why: str = ""
    editor_id: int = 0
    editor: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def saying(self) -> Saying:
        """What the digest is taken over."""
        return Saying(
            text=self.text, kind=self.kind, brand_id=self.brand_id, account_id=self.account_id,  # type: ignore[arg-type]
            visibility=self.visibility, recipient=self.recipient, in_reply_to=self.in_reply_to,
            conversation=self.conversation, pictures=self.pictures,
        )  # fmt: skip


def add(conn: Connection[Any], fresh: Release) -> int:
    """Keeps a release; gives its id."""
    names = [name for name in fresh.__struct_fields__ if name != "id"]
    values = {name: getattr(fresh, name) for name in names}
    values["made_at"] = to_datetime(fresh.made_at)
    values["findings"] = msgspec.json.encode(fresh.findings).decode()
    values["pictures"] = written(fresh.pictures)
    row = conn.execute(
        f"INSERT INTO release ({', '.join(names)}) VALUES ({', '.join(f'%({name})s' for name in names)}) RETURNING id",
        values,
    ).fetchone()
    assert row
    return int(row[0])


def get(conn: Connection[Any], release_id: int, *, lock: bool = False) -> Release | None:
    """One release; with ``lock`` nobody else decides about it until this transaction ends."""
    row = (
        reader(conn)
        .execute(
            f"SELECT {_COLUMNS} FROM release WHERE id = %s {'FOR UPDATE' if lock else ''}",
            [release_id],
        )
        .fetchone()
    )
    return _release(row) if row else None


def many(conn: Connection[Any], ids: Sequence[int]) -> list[Release]:
    """These releases, in order of id. One query."""
    rows = reader(conn).execute(f"SELECT {_COLUMNS} FROM release WHERE id = ANY(%s) ORDER BY id", [list(ids)])
    return [_release(row) for row in rows]


def of_case(conn: Connection[Any], case_id: int) -> list[Release]:
    """A case's releases, oldest first."""
    rows = reader(conn).execute(
        f"SELECT {_COLUMNS} FROM release WHERE case_id = %s ORDER BY id",
        [case_id],
    )
    return [_release(row) for row in rows]


def reword(conn: Connection[Any], changed: Release) -> None:
    """Replaces words, digest and findings of a release that has not gone out, keeping what stood before."""
    conn.execute(
        """
        UPDATE release SET earlier_text = text, text = %(text)s, digest = %(digest)s, salt = %(salt)s,
            findings = %(findings)s, version = version + 1, seen_post = %(seen)s, state = %(state)s
        WHERE id = %(id)s
        """,
        {
            "id": changed.id,
            "text": changed.text,
            "digest": changed.digest,
            "salt": changed.salt,
            "findings": msgspec.json.encode(changed.findings).decode(),
            "seen": changed.seen_post,
            "state": changed.state,
        },
    )


def put_state(conn: Connection[Any], release_id: int, state: str) -> None:
    """Where the release stands now."""
    conn.execute("UPDATE release SET state = %s WHERE id = %s", [state, release_id])


def _release(row: tuple[Any, ...]) -> Release:
    values = dict(zip(Release.__struct_fields__, row, strict=True))
    values["findings"] = _findings.decode(values["findings"])
    values["digest"], values["salt"] = bytes(values["digest"]), bytes(values["salt"])
    values["pictures"] = read(values["pictures"])
    return Release(**values)
