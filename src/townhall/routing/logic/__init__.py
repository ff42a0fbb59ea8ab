"""Pure decisions of routing: clocks as folds over events, and the choice of who takes a case."""

from townhall.routing.logic.agent import Agent, Levels
from townhall.routing.logic.choice import Choice, Considered
from townhall.routing.logic.clock import advance, begin, carry_over, fold, retarget
from townhall.routing.logic.hand_out import hand_out
from townhall.routing.logic.promise import ClockEvent, ClockState, Pause, Promise, Target, Terms, Unanswered
from townhall.routing.logic.queue import Queue, Requirement, Rules
from townhall.routing.logic.taking_back import Held, TakenBack, take_back
from townhall.routing.logic.waiting import Waiting
from townhall.routing.logic.words import in_words

__all__ = [
    "Agent",
    "Choice",
    "ClockEvent",
    "ClockState",
    "Considered",
    "Held",
    "Levels",
    "Pause",
    "Promise",
    "Queue",
    "Requirement",
    "Rules",
    "TakenBack",
    "Target",
    "Terms",
    "Unanswered",
    "Waiting",
    "advance",
    "begin",
    "carry_over",
    "fold",
    "hand_out",
    "in_words",
    "retarget",
    "take_back",
]
