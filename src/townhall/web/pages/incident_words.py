"""How pages tell what was done to an incident."""

from django import template

from townhall.desk.views.incidents import StoryLine

register = template.Library()

_WORDS = {
    "open": "Opened with {cases}",
    "link": "{cases} gathered",
    "unlink": "{cases} taken out",
    "close": "Closed",
    "reopen": "Opened again",
    "give": "Led by {after}, before by {before}",
    "update": "Next update promised",
    "rename": "Called “{after}”, before “{before}”",
    "undo": "Took an act back",
    "statement_asked": "Asked for approval of a statement for {cases}",
    "statement_edited": "Changed the statement: it is a draft again",
    "statement_withdrawn": "Withdrew the statement",
    "statement_approved": "Approved the statement for {cases}",
    "statement_returned": "Returned the statement",
    "statement_stopped": "Stopped the statement, {cases} taken back",
    "statement_resumed": "Let the statement go on",
    "statement_ended": "Ended the statement, {cases} left out",
    "statement_expired": "The statement expired, {cases} left out",
    "statement_finished": "The statement is out",
}


@register.filter
def story_words(line: StoryLine) -> str:
    """One act of an incident's story as a sentence."""
    words = _WORDS.get(line.act, line.act.replace("_", " ").capitalize())
    cases = f"{line.cases} case{'' if line.cases == 1 else 's'}"
    if line.act in ("open", "link", "unlink") or "{" in words:
        words = words.format(cases=cases, before=line.before, after=line.after)
    return words
