"""Business calendars. Takes a document; gives working time, exact to the microsecond.

Takes zones, weekly hours, special days. Gives deadlines, working time between instants, whether it is open.
Owns no table: documents and versions are kept by whoever uses them.
Never reads a clock; never loops without end; never counts in minutes.
"""

from townhall.calendar.logic.document import parse_calendar
from townhall.calendar.logic.model import ALWAYS, Calendar, Season, SpecialDay
from townhall.calendar.logic.reckon import add_working, is_open, next_open, working_between
from townhall.calendar.logic.succession import succeed
from townhall.calendar.logic.timetable import Timetable
from townhall.calendar.logic.writing import write_calendar

__all__ = [
    "ALWAYS",
    "Calendar",
    "Season",
    "SpecialDay",
    "Timetable",
    "add_working",
    "is_open",
    "next_open",
    "parse_calendar",
    "succeed",
    "working_between",
    "write_calendar",
]
