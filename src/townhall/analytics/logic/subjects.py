"""Words that rise together, told as one subject: a phrase that reads like what people write about."""

import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from townhall.analytics.logic.spelling import RARE, misspells

_WORD = re.compile(r"[^\W_]+")

LONGEST = 4
"""At most this many words in a phrase."""

_EMPTY = """
able about actually again ago already also always another answer answered anybody anyone anything anyway
around ask asked away back bad become best better big bit both call came cannot case come day days does doing
done dont each eight either eleven else enough even evening evenings ever every everybody everyone everything
far few fifty fine first five fix fixed following forty four full get gets getting give given going gone good
got great guys half hallo hand happen happened happening happens hard hear hello help here hey hope hour hours
hundred instead just keep keeps kind know known last later least left less let like little live long longer
look looking lot made make makes many matter maybe mean means meant meanwhile minute minutes moment month
months more morning most much myself near need needs never new next nice night nine nobody none noon nothing
now often once one only other others people perhaps please possible put quite rather read ready real really
right row run running said same saw say says second see seem seems seen seven several shall should show side
simply since single six small solved somebody someone something sometimes soon sorry sort start started still
such sure take taken takes tell ten than thank thanks them then there these thing things think third thirty
this those thought thousand three time times today told tomorrow tonight took tried try trying twelve twenty
two until use used using usual very wait waited waiting want wants way ways week weeks well went what when
where which while whole whose why will with within without wonder word work working works worse worst would
write writes written year years yesterday yet yours zero
"""
EMPTY = frozenset(_EMPTY.split())
"""Said of any subject: they name none. English; for other languages the model of rare words does what it can."""

_TELLING = """
blank blocked breaks broken charged closed crashes dead delayed down dropped empty error fails failed failing
freezes frozen hangs hung late locked lost missing offline rejected refused slow stopped stuck twice unable
wrong
"""
TELLING = frozenset(_TELLING.split())
"""What went wrong with something: said beside the thing, never alone."""


_MEANT: dict[str, list[str]] = {}
for _one in sorted(EMPTY | TELLING):
    _MEANT.setdefault(_one[0], []).append(_one)


class Risen(Struct, frozen=True):
    """A word that rises, with how many posts had it and the words of a real one."""

    word: str
    posts: int
    text: str


class Subject(Struct, frozen=True):
    """Words of one subject: its strongest, the phrase they make, and all that belong to it."""

    lead: str
    phrase: str
    words: tuple[str, ...]


def subjects(risen: Sequence[Risen]) -> list[Subject]:
    """One subject for words that stand in each other's posts, in the order of their strongest word.

    A word that says nothing by itself leads no subject, nor does its misspelling; one that joins none is left out.
    """
    strong = [
        one
        for one in risen
        if one.word not in EMPTY | TELLING and not one.word.isdigit() and not _is_slip(one, risen)
    ]
    strong.sort(key=lambda one: (-one.posts, one.word))
    led: list[tuple[Risen, list[Risen]]] = []
    for one in strong:
        home = next((many for lead, many in led if _together(lead, one)), None)
        if home is None:
            led.append((one, [one]))
        else:
            home.append(one)
    telling = {one.word for one in risen if one.word in TELLING}
    return [
        Subject(lead.word, _phrase(lead, [one.word for one in many], telling), tuple(o.word for o in many))
        for lead, many in led
    ]


def _is_slip(one: Risen, risen: Sequence[Risen]) -> bool:
    """Whether it is a word that names nothing, misspelt, in a post about something that many more write of."""
    if not any(misspells(one.word, word) for word in _MEANT.get(one.word[0], ())):
        return False
    said = set(_said(one.text))
    return any(other.word in said and one.posts * RARE <= other.posts for other in risen)


def _together(lead: Risen, other: Risen) -> bool:
    """Whether the example of one has the word of the other, and the other is no mere trifle beside it."""
    near = other.word in _said(lead.text) or lead.word in _said(other.text)
    return near and other.posts * 8 >= lead.posts


def _said(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _phrase(lead: Risen, words: Sequence[str], telling: set[str]) -> str:
    """The words as and in the order in which the lead's example says them; neighbours stand as one, others after a comma."""
    said = _said(lead.text)
    spelt: dict[str, str] = dict(zip(said[::-1], _WORD.findall(lead.text)[::-1], strict=True))
    beside = {b for a, b in pairwise(said) if a in words and b in telling}
    wanted = list(dict.fromkeys(one for one in said if one in words or one in beside))
    if lead.word not in wanted:
        return lead.word
    while len(wanted) > LONGEST:
        wanted.remove(next(one for one in reversed(wanted) if one != lead.word))
    neighbours = set(pairwise(said))
    phrase: str = spelt[wanted[0]]
    for before, after in pairwise(wanted):
        phrase += (" " if (before, after) in neighbours else ", ") + spelt[after]
    return phrase
