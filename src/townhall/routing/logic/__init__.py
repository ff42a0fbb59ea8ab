"""Pure decisions of routing: clocks as folds over events, and the choice of who takes a case."""

from townhall.routing.logic.clock import advance, begin, fold, retarget
from townhall.routing.logic.promise import ClockEvent, ClockState, Promise, Target, Terms, Unanswered
from townhall.routing.logic.round_robin import Agent, Assignment, WaitingCase, choose_round_robin

__all__ = [
    "Agent",
    "Assignment",
    "ClockEvent",
    "ClockState",
    "Promise",
    "Target",
    "Terms",
    "Unanswered",
    "WaitingCase",
    "advance",
    "begin",
    "choose_round_robin",
    "fold",
    "retarget",
]
