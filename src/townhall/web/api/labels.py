"""What people say of posts, where the reading is least sure, and the models that learn from it."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import Field, StringConstraints

from townhall.desk import labels as desk
from townhall.desk import models as desk_models
from townhall.desk.labels import Asked, Mark
from townhall.enrich.logic.heads import HEADS, HeadName
from townhall.enrich.store.wishes import Wish
from townhall.flow import labels as acts
from townhall.flow import lessons, model_use
from townhall.flow.labels import Understood
from townhall.flow.model_use import InUse
from townhall.kernel.digits import whole
from townhall.kernel.errors import NotFound
from townhall.web.api.door import Call, call_for
from townhall.web.api.values import (
    USUAL,
    After,
    Given,
    Id,
    Limit,
    MaybeTime,
    Page,
    PathId,
    Shape,
    Time,
    cursor_of,
    number_of,
    page,
)
from townhall.web.hands import keys, worker_hand

router = Router(tags=["Understanding"])
Head = Annotated[HeadName, Path(description="What is read.")]
Reason = Annotated[str, StringConstraints(max_length=model_use.LONGEST_REASON, pattern=r"^[^\x00]*$")]
Why = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=model_use.LONGEST_REASON, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"
    ),
]
Number = Annotated[int, Path(ge=1, le=(1 << 31) - 1, description="The version's number within the head.")]


class ReadShape(Shape):
    """What was read of a post when it came in. ``chance`` is of that value, null where it is not known any more."""

    head: HeadName
    said: str
    chance: float | None
    sure: bool = Field(description="False where pages say “unsure” instead, or nothing was said.")
    settled: str | None = Field(description="What people's labels come to; null without any, or for a draw.")


class LabelShape(Shape):
    """What somebody says of a post, beside what was read then; ``read_by`` are digests of the models."""

    id: Id
    head: HeadName
    value: str
    said: str
    chance: float | None
    read_by: str
    staff_id: Id
    by: str
    at: Time


class UnderstoodShape(Shape):
    """A post as it was understood, and as people corrected it."""

    interaction_id: Id
    read_by: str
    heads: list[ReadShape]
    labels: list[LabelShape]


class GiveLabel(Given):
    """What the post is."""

    head: HeadName
    value: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]


class QuestionShape(Shape):
    """A question to a person: a post where a head is least sure. ``doubt`` is 0 (certain) to 1 (a draw)."""

    interaction_id: Id
    head: HeadName
    values: list[str]
    said: str
    chance: float
    doubt: float
    text: str
    author: str
    at: Time


class QuestionPage(Page[QuestionShape]):
    """Questions in turns over the heads, the least sure first."""


class ModelShape(Shape):
    """A version of a head. ``card`` says how it was made and how good it is on posts it had not seen."""

    id: Id
    head: HeadName
    number: int
    state: Literal["candidate", "active", "retired"]
    digest: str
    card: dict[str, Any]
    made_by: str
    made_at: Time
    activated_by: str
    activated_at: MaybeTime


class ModelPage(Page[ModelShape]):
    """A page of versions, the newest first."""


class WishShape(Shape):
    """``asked`` until it is taught; then ``done``, or ``refused`` with what was wrong."""

    head: HeadName
    state: Literal["asked", "done", "refused"]
    error: str
    by: str
    at: Time


class PutToUse(Given):
    """``reason`` is needed where the version was not shown to be better than the one in use."""

    reason: Reason = ""


class GoBack(Given):
    """To which version (0: the shipped model), and why."""

    number: Annotated[int, Field(ge=0, le=(1 << 31) - 1)]
    reason: Why


class InUseShape(Shape):
    """What reads now; ``retired`` did before (0: the shipped model)."""

    head: HeadName
    number: int
    digest: str
    at: Time
    retired: int


@router.get(
    "/interactions/{interaction_id}/understood", response=UnderstoodShape, summary="How a post was understood"
)
def understood(request: HttpRequest, interaction_id: PathId) -> dict[str, Any]:
    """What each head said when it came in, and what people say of it."""
    call = call_for(request, "read_case")
    return _shown(call, _seen(call, interaction_id))


@router.post("/interactions/{interaction_id}/labels", response=UnderstoodShape, summary="Say what a post is")
def give_label(request: HttpRequest, interaction_id: PathId, given: GiveLabel) -> dict[str, Any]:
    """For the person the token speaks for. Their later label of the same head replaces this one."""
    call = call_for(request, "label")
    seen = _seen(call, interaction_id)
    acts.give(call.conn, call.asker, seen, given.head, given.value, call.now)
    return _shown(call, seen)


@router.delete("/labels/{label_id}", response=UnderstoodShape, summary="Take a label back")
def take_label_back(request: HttpRequest, label_id: PathId) -> dict[str, Any]:
    """Only one's own. The one that it replaced stands again."""
    call = call_for(request, "label")
    post = acts.take_back(call.conn, call.asker, label_id, call.now)
    return _shown(call, _seen(call, post))


def _seen(call: Call, interaction: int) -> Understood:
    with worker_hand() as conn:
        return acts.understood(conn, keys().kek, call.asker, interaction)


def _shown(call: Call, seen: Understood) -> dict[str, Any]:
    mark = desk.marks(call.conn, call.asker, [seen.interaction]).get(seen.interaction, Mark())
    heads = [
        {
            "head": name,
            "said": read.said,
            "chance": _known(read.chance),
            "sure": HEADS[name].is_sure(read.said, read.chance),
            "settled": mark.settled.get(name),
        }
        for name, read in seen.heads.items()
    ]
    labels = [
        {name: getattr(one, name) for name in ("id", "head", "value", "said", "read_by", "by", "at")}
        | {"chance": _known(one.chance), "staff_id": one.staff}
        for one in mark.labels
    ]
    read_by = next(iter(seen.heads.values())).read_by
    return {"interaction_id": seen.interaction, "read_by": read_by, "heads": heads, "labels": labels}


def _known(chance: float) -> float | None:
    return round(chance, 4) if chance >= 0 else None


@router.get("/least-sure", response=QuestionPage, summary="Where the reading is least sure")
def least_sure(
    request: HttpRequest,
    head: Annotated[HeadName | None, Query(description="Only of this head.")] = None,
    limit: Limit = USUAL,
    after: After = "",
) -> dict[str, Any]:
    """Posts of the last four weeks whose labels would teach the models most; near-copies once."""
    call = call_for(request, "label")
    found, following = desk.least_sure(call.conn, call.asker, _place(after), limit, head or "")
    cursor = f"{following[0]}.{following[1]}.{following[2]}" if following else ""
    return page(request, [_question(one) for one in found], cursor)


def _question(one: Asked) -> dict[str, Any]:
    q = one.question
    return {
        "interaction_id": q.interaction, "head": q.head, "values": list(q.about.values), "said": q.said,
        "chance": round(q.chance, 4), "doubt": round(q.doubt, 4), "text": one.text, "author": one.handle, "at": one.at,
    }  # fmt: skip


def _place(after: str) -> desk.Place | None:
    """Where a page ended. Raises ``NotFound``."""
    parts = cursor_of(after).split(".")
    if parts == [""]:
        return None
    turn, post = (whole(parts[0]), whole(parts[2])) if len(parts) == 3 else (None, None)
    if turn is None or post is None or parts[1] not in HEADS:
        raise NotFound("That page does not exist. Start from the top of the list.")
    return min(turn, (1 << 31) - 1), parts[1], post


@router.get("/models", response=ModelPage, summary="The models a brand has taught")
def own_models(
    request: HttpRequest,
    head: Annotated[HeadName | None, Query(description="Only of this head.")] = None,
    limit: Limit = USUAL,
    after: After = "",
) -> dict[str, Any]:
    """Every version with its card, the newest first."""
    call = call_for(request, "read_models")
    found, following = desk_models.versions(call.conn, call.asker, number_of(after), limit, head or "")
    return page(request, found, str(following) if following else "")


@router.post("/models/{head}/train", response=WishShape, summary="Ask for a new version")
def train_model(request: HttpRequest, head: Head) -> Wish:
    """Taught in the background from the labels that people gave; it comes as a candidate, which reads nothing yet."""
    call = call_for(request, "teach_models")
    lessons.ask(call.conn, call.asker, head, call.now)
    return lessons.wished(call.conn, call.asker)[head]


@router.get("/models/{head}/train", response=WishShape, summary="What became of it")
def model_training(request: HttpRequest, head: Head) -> Wish:
    """What was asked for last."""
    call = call_for(request, "read_models")
    found = lessons.wished(call.conn, call.asker).get(head)
    if found is None:
        raise NotFound("Nobody asked for a version of that.")
    return found


@router.post("/models/{head}/{number}/activate", response=InUseShape, summary="Put a model to use")
def activate_model(request: HttpRequest, head: Head, number: Number, given: PutToUse) -> InUse:
    """Workers read by it within two seconds."""
    call = call_for(request, "teach_models")
    return model_use.activate(call.conn, call.asker, head, number, call.now, reason=given.reason)


@router.post("/models/{head}/rollback", response=InUseShape, summary="Go back to an earlier model")
def roll_back_model(request: HttpRequest, head: Head, given: GoBack) -> InUse:
    """To a version that was in use before, or to the shipped model, at once."""
    call = call_for(request, "teach_models")
    return model_use.roll_back(call.conn, call.asker, head, given.number, given.reason, call.now)
