"""Teaching a head from a brand's labels: rows gathered, learnt without the database, kept as a candidate with its fact."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from psycopg import Connection

from townhall import journal
from townhall.enrich import Understanding
from townhall.enrich.learning.adapted import Adapted
from townhall.enrich.learning.kept import digest_of
from townhall.enrich.learning.tried import MOST_LABELS, Rival, Taught, enough, marks, teach_and_try
from townhall.enrich.learning.views import hashed
from townhall.enrich.logic.asking import settled
from townhall.enrich.logic.heads import Head, chances_of, head_of
from townhall.enrich.store import labels, models
from townhall.enrich.store.models import OwnModel
from townhall.flow.posts import texts_of
from townhall.kernel.clock import Instant
from townhall.kernel.errors import Conflict, Refused
from townhall.kernel.fact import Fact
from townhall.people.doors import Asker, require

_READ_AT_ONCE = 500
MOST_BYTES = 64 * 1024 * 1024
"""A model's file is kept in the database, and every worker holds it."""

Rows = tuple[tuple[str, str], ...]


class Lesson(Struct, frozen=True):
    """What is learnt from: (text, value) rows, each text once; the model in use, if there is one, with its file.
    ``source`` is ``labels`` or ``file``; ``disputed`` posts were left out because people disagree."""

    head: Head
    rows: Rows
    source: str
    disputed: int
    rival: OwnModel | None
    rival_file: bytes


def lesson(
    conn: Connection[Any], asker: Asker, head: str, given: Sequence[tuple[str, str]] | None = None
) -> Lesson:
    """Gathers a lesson from the brand's labels, or from rows that are given. At most four queries.

    Raises ``Refused`` for a head or value that there is not, and with too few rows.
    """
    require(asker, "teach_models")
    known = head_of(head)
    rows, disputed = (given, 0) if given is not None else _labelled(conn, asker.brand_id, head)
    if strange := sorted({value for _, value in rows} - set(known.values)):
        raise Refused(f"{head} is one of {', '.join(known.values)}, not {strange[0]!r}.")
    once = tuple(dict(rows).items())[-MOST_LABELS:]
    if why := enough([value for _, value in once]):
        raise Refused(why)
    rival = models.active(conn, asker.brand_id, head)
    file = models.file_of(conn, rival.id) if rival else b""
    return Lesson(known, once, "file" if given is not None else "labels", disputed, rival, file)


def _labelled(conn: Connection[Any], brand: int, head: str) -> tuple[list[tuple[str, str]], int]:
    """Texts with what people settled on, the oldest label first, and how many posts people disagree about.

    A post that was edited after it was labelled, or deleted, teaches nothing.
    """
    said: dict[int, list[labels.Label]] = {}
    for label in labels.of_head(conn, brand, head, 3 * MOST_LABELS):
        said.setdefault(label.interaction, []).append(label)
    texts = texts_of(conn, brand, said)
    rows, disputed = [], 0
    for post, mine in said.items():
        text, edited = texts.get(post, ("", 0))
        value = settled([label.value for label in mine])
        disputed += not value
        if text.strip() and value and edited <= max(label.at for label in mine):
            rows.append((text, value))
    return rows, disputed


def learn(reader: Understanding, held: Lesson) -> Taught:
    """Learns, and tries the result on rows it had not seen. No database; seconds of work for a thousand rows.

    Raises ``Refused`` when the file of the model in use is not the one that was kept.
    """
    texts, values = [text for text, _ in held.rows], [value for _, value in held.rows]
    shipped = _read(reader, held.head, texts)
    taught = teach_and_try(held.head, texts, values, shipped, _rival(held, texts, shipped))
    extra = {"source": held.source, "disputed": held.disputed, "read_by": reader.digest[:12]}
    return Taught(taught.model, taught.card | extra)


def _read(reader: Understanding, head: Head, texts: Sequence[str]) -> Any:
    parts = []
    for start in range(0, len(texts), _READ_AT_ONCE):
        found, likely = reader.read(texts[start : start + _READ_AT_ONCE])
        parts.append(chances_of(head.name, found, likely))
    return np.concatenate(parts)


def _rival(held: Lesson, texts: Sequence[str], shipped: Any) -> Rival | None:
    if held.rival is None:
        return None
    model = Adapted.unpacked(held.rival_file, held.rival.digest)
    chances = model.chances(hashed(texts), shipped)
    return Rival(f"version {held.rival.number}", held.rival.digest, chances, frozenset(model.seen))


def keep(conn: Connection[Any], asker: Asker, held: Lesson, taught: Taught, now: Instant) -> OwnModel:
    """Keeps what was learnt as the head's next version, a candidate: it reads nothing until somebody puts it to use.

    Raises ``Conflict`` when another version was put to use meanwhile: it was compared with one that is gone.
    """
    require(asker, "teach_models")
    raw = taught.model.packed(marks([text for text, _ in held.rows]))
    if len(raw) > MOST_BYTES:
        raise Refused(
            f"The model would take {len(raw):,} bytes, more than {MOST_BYTES:,}. Label fewer posts."
        )
    models.lock(conn, asker.brand_id)
    rival = models.active(conn, asker.brand_id, held.head.name)
    if (rival.digest if rival else "") != (held.rival.digest if held.rival else ""):
        raise Conflict("Another version was put to use while this one learnt. Train it again.")
    digest = digest_of(raw)
    card = taught.card | {"bytes": len(raw)}
    made = models.add(
        conn, asker.brand_id, held.head.name, card, raw, digest, asker.staff_id, asker.name, now
    )
    models.remember(
        conn, asker.brand_id, made.head, made.id, "train", now, asker.staff_id, asker.name, held.source
    )
    fact = Fact(
        type="townhall.model.trained", subject=f"model/{made.id}", time=now, brand=asker.brand_id, actor=asker.actor,
        data={
            "head": made.head, "number": made.number, "digest": digest, "rows": card["rows"], "source": held.source,
            "better": card["against"]["better"],
        },
    )  # fmt: skip
    journal.append(conn, [fact])
    return made
