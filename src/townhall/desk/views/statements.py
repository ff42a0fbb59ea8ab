"""Statements as pages show them: how far one is, and what waits for an approval."""

from msgspec import Struct

from townhall.outbound.logic.statement import Statement


class ReasonLine(Struct, frozen=True):
    """Why cases are left out: the code, its words, some details, and how many."""

    why: str
    words: str
    detail: str
    cases: int


class Progress(Struct, frozen=True):
    """How far a statement is, in cases: ``sent`` stands on the network, ``going`` is on its way there, ``waiting`` is not let go yet,
    ``stuck`` needs a person (failed, in doubt, needs a new time), ``taken_back`` was withdrawn one by one."""

    sent: int = 0
    going: int = 0
    waiting: int = 0
    stuck: int = 0
    taken_back: int = 0
    left_out: int = 0


class StatementView(Struct, frozen=True):
    """A statement with its incident's title, how far it is, and whom it left out and why."""

    statement: Statement
    title: str
    progress: Progress
    reasons: tuple[ReasonLine, ...]
