"""A choice in words, from what was kept with it: the same words whenever it is read again."""

from collections.abc import Mapping

from townhall.routing.logic.choice import Choice, Considered

Names = Mapping[int, str]

_NOT: dict[str, str] = {
    "same_person": "could take it too, but did not answer this customer last",
    "circle": "could take it too, but is of a wider circle",
    "lacks": "could take it too, but lacks {detail}",
    "fuller": "could take it too, but is fuller ({load} of {capacity})",
    "broader": "could take it too, but can do more else, so is kept free",
    "turn": "could take it too, but was given a case later",
    "number": "could take it too; all else was equal, and the earlier seat goes first",
    "waited_for": "could take it, but the case waits for who answered this customer last",
    "full": "has no room ({load} of {capacity}, this case takes {weight})",
    "left_it": "gave it back lately without touching it",
    "language": "does not know its {detail}",
    "wider": "lacks {detail}, which is not waived yet",
    "later": "works in a queue that this one does not overflow to yet",
    "off_shift": "is off shift",
    "away": "is not here",
    "not_heard": "has not been seen for five minutes",
}
_NOBODY: dict[str, str] = {
    "nobody_works_here": "nobody works in this queue",
    "nobody_here": "nobody who can take it is on duty",
    "all_full": "everybody who can take it is full",
    "all_left_it": "everybody on duty who can take it left it untouched lately",
}
_CIRCLE = ("", "of a queue that this one overflows to", "of these queues, whatever their skills")
_WIDER = {"duty": "nobody nearer is on duty", "time": "it has waited for so long"}


def in_words(choice: Choice, names: Names) -> str:
    """Who takes the case and why, or why nobody does: one sentence without its full stop."""
    if choice.outcome == "held_back":
        before = next((one.agent for one in choice.considered if one.verdict == "full"), 0)
        return f"waits for {names.get(before, 'who answered this customer last')}, who answered this customer last and is full"
    if choice.outcome != "given":
        return _NOBODY[choice.outcome]
    return f"{_who(choice)}; {_room(choice)}"


def _who(choice: Choice) -> str:
    if choice.same:
        return "answered this customer last"
    rivals = [one for one in choice.considered if one.verdict in _RIVALS]
    wide = f" {_CIRCLE[choice.by]}, as {_WIDER[choice.wider]}" if choice.by and choice.wider else ""
    if not rivals:
        return f"the only one on duty with room{wide}"
    hardest = max(rivals, key=lambda one: _RIVALS.index(one.verdict))
    return f"{_FIRST[hardest.verdict]} of {len(rivals) + 1} on duty with room{wide}"


_RIVALS = ("circle", "lacks", "fuller", "broader", "turn", "number")
_FIRST = {
    "circle": "the nearest",
    "lacks": "lacks least",
    "fuller": "is least full",
    "broader": "leaves those free who can do more",
    "turn": "has gone longest without a case",
    "number": "comes first, all else being equal,",
}


def _room(choice: Choice) -> str:
    own = next((one for one in choice.considered if one.verdict == "chosen"), None)
    return (
        f"holds {own.load} of {own.capacity}, this takes {choice.weight}" if own else f"takes {choice.weight}"
    )


def of_person(one: Considered, choice: Choice) -> str:
    """Why this person, or why not: a phrase that goes on from their name."""
    if one.verdict == "chosen":
        return in_words(choice, {})
    return _NOT[one.verdict].format(
        detail=one.detail or "something it needs", load=one.load, capacity=one.capacity, weight=choice.weight
    )
