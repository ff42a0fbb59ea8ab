"""Who may approve: a person, not the one whose it is, nobody twice, and only with a role that a step still needs."""

from collections.abc import Sequence
from typing import Any, Protocol

from psycopg import Connection

from townhall.kernel.errors import Forbidden
from townhall.outbound.logic.steps import Step, all_met, may_add, open_roles
from townhall.people import programs
from townhall.people.doors import Asker


class Given(Protocol):
    """An approval that stands."""

    @property
    def staff_id(self) -> int: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def digest(self) -> bytes: ...


def behind(conn: Connection[Any], brand: int, author: int, name: str) -> int:
    """Who answers for what was written: its author; of a program's words, whoever made its token (0: the operator).

    ``name`` is the author's as it stands in the record.
    """
    return author or programs.maker_of(conn, brand, name.removeprefix("program/"))


def must_be_another(asker: Asker, behind: int) -> None:
    """Raises ``Forbidden`` for a program, and for whoever is ``behind`` what is to be approved."""
    if not asker.staff_id:
        raise Forbidden("Only a person approves.")
    if asker.staff_id == behind:
        raise Forbidden("This is yours, or your program's: somebody else has to decide.")


def must_not_have_edited(asker: Asker, editor: int) -> None:
    """Raises ``Forbidden`` for whoever put words of their own into the text."""
    if asker.staff_id == editor:
        raise Forbidden("You edited these words: somebody else has to approve them.")


def must_be_named(asker: Asker, steps: Sequence[Step]) -> None:
    """Raises ``Forbidden`` for somebody without a role of any step: they have no say in it, not even a no."""
    if not any(step & asker.roles for step in steps):
        raise _needs(frozenset[str]().union(*steps))


def must_add(asker: Asker, steps: Sequence[Step], given: Sequence[Given]) -> None:
    """Raises ``Forbidden`` for a second approval by one person, and for one that no step needs any more."""
    if any(one.staff_id == asker.staff_id for one in given):
        raise Forbidden("You approved this already: somebody else has to as well.")
    people = [one.roles for one in given]
    if not may_add(steps, people, asker.roles):
        raise _needs(open_roles(steps, people))


def are_met(steps: Sequence[Step], given: Sequence[Given], author: int, digest: bytes) -> bool:
    """Whether every step was met, each by another person than the author, who read exactly what has this digest."""
    people = {one.staff_id: one.roles for one in given if one.digest == digest and one.staff_id != author}
    return all_met(steps, list(people.values()))


def _needs(roles: frozenset[str]) -> Forbidden:
    return Forbidden(f"This needs the role {' or '.join(sorted(roles)) or 'of nobody'}.")
