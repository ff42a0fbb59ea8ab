"""Acts on policy versions as every door does them: the text is examined when a verb asks for it, and it is asked again."""

from typing import Any

from townhall.flow import policy_activation as force
from townhall.flow import policy_versions as flow
from townhall.flow.policy_examined import NeedsExamining, examine


def ask_review(conn: Any, asker: Any, number: int, now: int, **more: Any) -> Any:
    return _twice(flow.ask_review, conn, asker, number, now, **more)


def activate(conn: Any, asker: Any, number: int, now: int, **more: Any) -> Any:
    return _twice(force.activate, conn, asker, number, now, **more)


def _twice(verb: Any, *given: Any, **more: Any) -> Any:
    try:
        return verb(*given, **more)
    except NeedsExamining as needs:
        return verb(*given, examined=examine(needs.source), **more)
