"""What people did to a case, in words."""

from collections.abc import Mapping
from typing import Any

from townhall.desk.views.conversation import HistoryItem

_SHOWN = ("assignee", "queue", "state", "priority", "incident")
_PRIORITIES = ("urgent", "high", "normal", "low")


def item(row: tuple[Any, ...], case_id: int, names: Mapping[int, str]) -> HistoryItem:
    """One act, with what stood before and after it."""
    change, at, actor, act, before, after, undone_at, undoes = row
    key = str(case_id)
    return HistoryItem(
        change_id=change,
        at=at,
        actor=actor_name(actor, names),
        act=act,
        before=_words(before["cases"].get(key, {}), names),
        after=_words(after["cases"].get(key, {}), names),
        undoable=not undone_at and undoes is None,
        undone_at=undone_at,
        why=after.get("why", ""),
    )


def actor_name(actor: str, names: Mapping[int, str]) -> str:
    """Who did it: a person's name, a program's, or the system."""
    kind, _, rest = actor.partition("/")
    if kind == "staff" and rest.isdecimal():
        return names.get(int(rest), "somebody who has left")
    return rest or kind


def _words(fields: Mapping[str, Any], names: Mapping[int, str]) -> str:
    shown = [_word(name, fields[name], names) for name in _SHOWN if name in fields]
    return ", ".join(shown)


def _word(name: str, value: Any, names: Mapping[int, str]) -> str:
    if name == "assignee":
        return names.get(value, "somebody who has left") if value else "nobody"
    if name == "priority":
        return _PRIORITIES[value]
    if name == "incident":
        return f"INC {value}" if value else "none"
    return str(value)
