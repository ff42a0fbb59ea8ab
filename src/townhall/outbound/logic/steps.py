"""Approvals by several people: each step is met by one person with one of its roles, and nobody meets two.

Who meets which step is found by a matching (augmenting paths), so that the order in which people approve never
decides whether the steps can be met: whoever was counted for one step is moved to another where they fit as well.
"""

from collections.abc import Sequence

Step = frozenset[str]
"""Roles, any one of which is enough."""
Steps = tuple[Step, ...]


def all_met(steps: Sequence[Step], people: Sequence[frozenset[str]]) -> bool:
    """Whether these people (the roles of each) together meet every step, each person one."""
    return len(_matched(steps, people)) == len(steps)


def may_add(steps: Sequence[Step], people: Sequence[frozenset[str]], fresh: frozenset[str]) -> bool:
    """Whether one more person with the roles ``fresh`` meets a step that the others leave open."""
    return len(_matched(steps, [*people, fresh])) > len(_matched(steps, people))


def open_roles(steps: Sequence[Step], people: Sequence[frozenset[str]]) -> frozenset[str]:
    """The roles with which somebody could meet a step that is still open."""
    named = frozenset[str]().union(*steps)
    return frozenset(role for role in named if may_add(steps, people, frozenset({role})))


def together(several: Sequence[Sequence[Step]]) -> Steps:
    """The fewest steps in which each of several lists of steps can be found whole, most-named first."""
    found: list[Step] = []
    for steps in several:
        left = list(found)
        for step in steps:
            if step in left:
                left.remove(step)
            else:
                found.append(step)
    return tuple(found)


def with_one(steps: Sequence[Step], roles: frozenset[str]) -> Steps:
    """The steps such that somebody with one of ``roles`` is among those who meet them.

    The first step that they can meet is narrowed to them; where none is, it is one step more.
    """
    for place, step in enumerate(steps):
        if step & roles:
            return (*steps[:place], step & roles, *steps[place + 1 :])
    return (*steps, roles)


def in_words(steps: Sequence[Step]) -> str:
    """The steps as a person reads them, such as "compliance, and lead or compliance"."""
    return ", and ".join(" or ".join(sorted(step)) for step in steps)


def _matched(steps: Sequence[Step], people: Sequence[frozenset[str]]) -> dict[int, int]:
    """Step → person, as many as possible."""
    held: dict[int, int] = {}

    def place(person: int, seen: set[int]) -> bool:
        for number, step in enumerate(steps):
            if number in seen or not step & people[person]:
                continue
            seen.add(number)
            if number not in held or place(held[number], seen):
                held[number] = person
                return True
        return False

    for person in range(len(people)):
        place(person, set())
    return held
