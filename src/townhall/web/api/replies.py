"""Answering: drafts, the guard's opinion, and sending through the one door."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from msgspec.structs import asdict
from ninja import Path, Router, Status

from townhall.flow import checking
from townhall.flow import outbound as door
from townhall.flow.moving import move_to_private
from townhall.flow.outbound_outcome import Blocked, Held, Outcome, Released, Silenced, Stopped
from townhall.kernel.clock import to_iso
from townhall.kernel.errors import NotFound
from townhall.outbound.logic.words import Decision
from townhall.outbound.store import drafts
from townhall.outbound.store.drafts import Draft
from townhall.web.api.door import Call, call_for
from townhall.web.api.problems import problem
from townhall.web.api.values import (
    Given,
    GivenId,
    GivenTime,
    Id,
    MaybeId,
    MaybeText,
    PathId,
    Shape,
    Text,
    Time,
    Word,
)

router = Router(tags=["Answering"])
Kind = Literal["public", "private"]
_DraftKind = Annotated[Literal["public", "private", "note"], Path(description="What it is to become.")]


class DraftShape(Shape):
    """A kept draft. ``remark`` is why a text came back to its author; ``editor`` put words into it, where ``earlier`` was handed
    in."""

    id: Id
    case_id: Id
    kind: Literal["public", "private", "note"]
    text: str
    reply_to: MaybeId
    version: int
    remark: str
    earlier: str
    editor: str
    saved_at: Time


class FindingShape(Shape):
    """What the guard noticed: where in the text (code points), why, and whether it holds or blocks. ``fix``, where there is
    one, would take the place of those words."""

    kind: str
    start: int
    end: int
    severity: Literal["hold", "block"]
    reason: str
    fix: str | None = None


class AdviceShape(Shape):
    """What may be worth a second look. It holds nothing."""

    kind: str
    words: str


class VerdictShape(Shape):
    """What the guard would say now."""

    verdict: Literal["allow", "hold", "block"]
    findings: list[FindingShape]
    approvers: list[str]
    advice: list[AdviceShape]


class Written(Given):
    """A text as far as it is written. ``known_version``: keep it only if nobody saved a newer one."""

    text: Text
    reply_to: GivenId | None = None
    known_version: int | None = None


class Checked(Given):
    """A text to be judged."""

    kind: Kind
    text: Text
    reply_to: GivenId | None = None


class Sent(Checked):
    """A reply. ``seen_*`` say what its author saw: when something is newer, it stops, unless ``force``.

    ``ask_approval``: somebody is to approve it, whatever rules and guard want; ``ask_why`` is what they read."""

    seen_post: GivenId | None = None
    seen_version: int | None = None
    seen_at: GivenTime | None = None
    force: bool = False
    ask_approval: bool = False
    ask_why: Word = ""


class Moved(Given):
    """A polite public line; without a text, the brand's own for that language. ``seen_*`` and ``force`` as for a reply."""

    text: MaybeText = ""
    reply_to: GivenId | None = None
    seen_post: GivenId | None = None
    seen_version: int | None = None
    seen_at: GivenTime | None = None
    force: bool = False


class ReleasedShape(Shape):
    """It goes at ``not_before``, unless it is withdrawn before."""

    outcome: Literal["released"]
    release_id: Id
    delivery_id: Id
    not_before: Time


class HeldShape(Shape):
    """It waits until ``expires_at`` for somebody with one of these roles."""

    outcome: Literal["held"]
    release_id: Id
    why: str
    approvers: list[str]
    expires_at: Time
    findings: list[FindingShape]


@router.get("/cases/{case_id}/drafts", response=list[DraftShape], summary="List drafts")
def list_drafts(request: HttpRequest, case_id: PathId) -> list[Draft]:
    """One's own drafts at a case."""
    call = call_for(request, "note", "reply")
    return drafts.of(call.conn, case_id, call.asker.staff_id)


@router.put("/cases/{case_id}/drafts/{kind}", response=DraftShape, summary="Save a draft")
def save_draft(request: HttpRequest, case_id: PathId, kind: _DraftKind, given: Written) -> Draft:
    """Keeps a text; there is one of each kind for each person and case (one for all programs of a brand)."""
    call = call_for(request, "note" if kind == "note" else "reply")
    return door.save_draft(
        call.conn, call.asker, case_id, kind, given.text, call.now, reply_to=int(given.reply_to or 0),
        known_version=given.known_version,
    )  # fmt: skip


@router.delete("/cases/{case_id}/drafts/{kind}", response={204: None}, summary="Throw a draft away")
def drop_draft(request: HttpRequest, case_id: PathId, kind: _DraftKind) -> Status[None]:
    """The draft is gone."""
    call = call_for(request, "note" if kind == "note" else "reply")
    if not door.discard_draft(call.conn, call.asker, case_id, kind):
        raise NotFound("There is no such draft.")
    return Status(204, None)


@router.post("/cases/{case_id}/check", response=VerdictShape, summary="Ask the guard")
def check(request: HttpRequest, case_id: PathId, given: Checked) -> dict[str, Any]:
    """What would hold or block this text. Keeps nothing."""
    call = call_for(request, "reply")
    checked = checking.check(
        call.conn, call.asker, case_id, given.kind, given.text, int(given.reply_to or 0), advice=True
    )
    found = checked.decision
    noticed = [
        one | {"fix": fix.words if fix else None}
        for one, fix in zip(findings(found), checked.fixes, strict=True)
    ]
    return {
        "verdict": found.__struct_config__.tag,
        "findings": noticed,
        "approvers": sorted(getattr(found, "approvers", ())),
        "advice": [{"kind": one.kind, "words": one.words} for one in checked.advice],
    }


@router.post(
    "/cases/{case_id}/replies", response={201: ReleasedShape, 202: HeldShape}, summary="Send a reply"
)
def send(request: HttpRequest, case_id: PathId, given: Sent) -> Any:
    """Through the same door as every send. When it does not go out, the text is kept as a draft and the problem says why:
    ``changed`` (something is new), ``silenced`` (nothing goes out here now), ``blocked`` (the guard)."""
    call = call_for(request, "reply")
    composed = door.Composed(
        case_id=case_id, kind=given.kind, text=given.text, reply_to=int(given.reply_to or 0),
        seen_post=int(given.seen_post or 0), seen_version=given.seen_version or 0, seen_at=given.seen_at or 0,
        ask=given.ask_approval, ask_why=given.ask_why,
    )  # fmt: skip
    return answer(call, door.submit(call.conn, call.asker, composed, call.now, force=given.force))


@router.post(
    "/cases/{case_id}/move-to-private",
    response={201: ReleasedShape, 202: HeldShape},
    summary="Move a thread to private",
)
def move_private(request: HttpRequest, case_id: PathId, given: Moved) -> Any:
    """Says in public, politely, that one goes on in private; the private message is a reply of its own. A public draft becomes
    the private one. Refused where the thread is private already, or its network has no private messages."""
    call = call_for(request, "reply")
    composed = door.Composed(
        case_id=case_id, kind="public", text=given.text, reply_to=int(given.reply_to or 0),
        seen_post=int(given.seen_post or 0), seen_version=given.seen_version or 0, seen_at=given.seen_at or 0,
    )  # fmt: skip
    return answer(call, move_to_private(call.conn, call.asker, composed, call.now, force=given.force))


def answer(call: Call, outcome: Outcome) -> Any:
    """An outcome as an answer. A "no" is a problem, and what was kept for it stands."""
    match outcome:
        case Released():
            return Status(201, {"outcome": "released", **asdict(outcome)})
        case Held():
            told = asdict(outcome) | {
                "approvers": sorted(outcome.approvers),
                "findings": findings(outcome.decision),
            }
            return Status(202, {"outcome": "held", **told})
    call.stands = True
    return _no(outcome)


def _no(outcome: Blocked | Stopped | Silenced) -> HttpResponse:
    kept = " The text is kept as a draft." if outcome.draft else ""
    match outcome:
        case Blocked(decision=decision):
            return problem(422, decision.why + kept, "blocked", findings=findings(decision))
        case Silenced(why=why):
            return problem(409, why + kept, "silenced")
    changed = outcome.changed
    newer = [{**asdict(one), "post_id": str(one.post_id), "at": to_iso(one.at)} for one in changed.newer]
    there = [{"name": one.name, "doing": one.doing, "at": to_iso(one.at)} for one in changed.colleagues]
    now = {
        "newer": newer,
        "colleagues": there,
        "latest_post": str(changed.latest_post),
        "version": changed.version,
    }
    return problem(409, "Something is new here since this was written." + kept, "changed", changed=now)


def findings(decision: Decision) -> list[dict[str, Any]]:
    """The guard's remarks, in the order of the text."""
    return [
        {
            "kind": one.finding.kind, "start": one.finding.start, "end": one.finding.end, "severity": one.severity,
            "reason": one.finding.reason,
        }
        for one in decision.remarks
    ]  # fmt: skip
