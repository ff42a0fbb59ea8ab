"""What can be done about a post on X: its author's reply hidden under our own conversation, or shown again. Pure.

Source: the published OpenAPI description, ``PUT /2/tweets/{tweet_id}/hidden``.
"""

from msgspec import Struct

from townhall.channels.port import Deed
from townhall.channels.x.compose import numeric
from townhall.kernel.errors import ChannelUnavailable, Refused


class _State(Struct):
    hidden: bool


class HiddenAnswer(Struct):
    """X's answer: whether the reply is hidden now."""

    data: _State


def request_of_deed(deed: Deed) -> tuple[str, dict[str, bool]]:
    """The path and the JSON body of the call. Raises ``Refused`` for what X cannot do."""
    if deed.kind not in ("hide", "unhide"):
        raise Refused("X takes no reports by its interface: report the post in the app")
    return f"/2/tweets/{numeric(deed.post)}/hidden", {"hidden": deed.kind == "hide"}


def must_agree(deed: Deed, answer: HiddenAnswer) -> None:
    """Raises ``ChannelUnavailable``, for good, when X took the call and left the reply as it was."""
    if answer.data.hidden != (deed.kind == "hide"):
        state = "hidden" if answer.data.hidden else "not hidden"
        raise ChannelUnavailable(f"X answers that the reply is {state}", permanent=True)
