"""Routing. Takes judged posts and staff; gives promises with their deadlines, and who takes which case.

Takes clock events, targets, a timetable; waiting cases and agents. Gives promises and assignments with reasons.
Owns the tables of queues and clocks (see ``store``, when there is one); the decisions are in ``logic``.
Never reads a clock: every figure follows from the events' own times, whenever it is reckoned.
"""
