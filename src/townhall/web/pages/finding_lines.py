"""Findings as they stand beside a text: weight, words, reason, and what would mend them."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from msgspec import Struct
from psycopg import Connection

from townhall.flow.checking import Checked, check
from townhall.kernel.errors import NotFound
from townhall.outbound.logic.words import Picture
from townhall.outbound.store import terms
from townhall.people.doors import Asker


class FindingLine(Struct, frozen=True):
    """A finding as it shows beside the text: its weight (hold, block), the words it is about and where they start (code
    points), why; and ``because`` somebody at this case said that it is no problem. ``fix`` would take the place of the words,
    where ``fix_label`` offers it; ``whole``: it is about all of the text; ``picture``: about what that one shows (0: the text)."""

    weight: str
    words: str
    reason: str
    kind: str = ""
    because: str = ""
    start: int = 0
    whole: bool = False
    fix_label: str = ""
    fix: str = ""
    picture: int = 0


def finding_lines(
    checked: Checked, waved: Mapping[tuple[str, bytes], str] | None = None
) -> list[FindingLine]:
    """What would hold or block, in the order of the text, then of the pictures. ``waved``: the reasons given at this case."""
    return [
        FindingLine(
            one.severity,
            (words := checked.texts[one.finding.picture][one.finding.start : one.finding.end]),
            one.finding.reason,
            one.finding.kind,
            (waved or {}).get((one.finding.kind, sha256(words.encode()).digest()), ""),
            one.finding.start,
            not one.finding.picture and words == checked.texts[0],
            fix.label if fix else "",
            fix.words if fix else "",
            one.finding.picture,
        )
        for one, fix in zip(checked.decision.remarks, checked.fixes, strict=True)
    ]


def lines_of_draft(
    conn: Connection[Any],
    asker: Asker,
    case_id: int,
    kind: str,
    text: str,
    pictures: tuple[Picture, ...] = (),
) -> list[FindingLine]:
    """What stands beside a draft when its page is opened; nothing where it could not be sent to any place."""
    if kind not in ("public", "private") or not (text.strip() or pictures) or not asker.may("reply"):
        return []
    try:
        checked = check(conn, asker, case_id, kind, text, pictures=pictures)  # type: ignore[arg-type]
    except NotFound:
        return []
    return while_writing(finding_lines(checked, terms.dismissals(conn, case_id)))


def while_writing(lines: list[FindingLine]) -> list[FindingLine]:
    """What is said before somebody sends: that a picture has no words yet is said when they do."""
    return [one for one in lines if one.kind != "no_alt_text"]
