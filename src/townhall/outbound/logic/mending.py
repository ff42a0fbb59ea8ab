"""What would mend a text: for a remark of the guard the words that are put in place of those it is about.

A fix is offered, never made by itself; where only the author can know what was meant, there is none.
"""

from collections.abc import Sequence

from msgspec import Struct

from townhall.kernel.finding import Finding
from townhall.outbound.logic.links import links_in
from townhall.outbound.logic.lookalike import likeness
from townhall.outbound.logic.words import Remark, Surroundings, Term

GAP = "…"
"""What stands where something was taken out, so that its author sees the hole and mends the sentence."""
_LAST = 4
_MASKED = frozenset({"card", "iban"})
_TAKEN_OUT = frozenset({
    "email", "phone", "national_id", "address", "birth_date", "ip", "secret", "password", "forbidden_term", "context_leak",
    "unsafe_link", "shortened_link",
})  # fmt: skip


class Fix(Struct, frozen=True):
    """``words`` go where code points ``start`` to ``end`` of the text stand; ``label`` says so on a button."""

    label: str
    start: int
    end: int
    words: str

    def on(self, text: str) -> str:
        """The text with the fix made."""
        return text[: self.start] + self.words + text[self.end :]


def mend(text: str, remark: Remark, around: Surroundings) -> Fix | None:
    """The fix for a remark on that text, if there is one; what a picture shows is for its author to word."""
    found = remark.finding
    if found.picture:
        return None
    if found.kind in _MASKED:
        return _masked(text, found)
    if found.kind in _TAKEN_OUT:
        return Fix("Take it out", found.start, found.end, GAP)
    if found.kind == "required_term":
        return _required(text, found, around.terms)
    if found.kind == "lookalike_link":
        return _own_link(text, found, around.domains)
    return None


def mends(text: str, remarks: Sequence[Remark], around: Surroundings) -> tuple[Fix | None, ...]:
    """A fix, or none, for each of the remarks."""
    return tuple(mend(text, remark, around) for remark in remarks)


def _masked(text: str, found: Finding) -> Fix:
    """All but the last four digits or letters, as receipts print them (PCI DSS 4.0, 3.4.1, allows no more of a card)."""
    shown = [sign for sign in text[found.start : found.end] if sign.isalnum()][-_LAST:]
    return Fix("Mask all but the last four", found.start, found.end, GAP + "".join(shown))


def _required(text: str, found: Finding, terms: Sequence[Term]) -> Fix | None:
    """The missing words at the end. Of terms that want the same words any will do."""
    for term in terms:
        if term.kind == "required" and found.reason.startswith(f'Missing: "{term.words}".'):
            before = "" if not text or text[-1].isspace() else " "
            return Fix("Add these words", len(text), len(text), before + term.words.strip())
    return None


def _own_link(text: str, found: Finding, domains: tuple[str, ...]) -> Fix | None:
    """The link on the brand's own host that it imitates most surely; what follows the host stays."""
    link = next((one for one in links_in(text) if (one.start, one.end) == (found.start, found.end)), None)
    meant = max(domains, key=lambda own: likeness(link.host, (own,))[0], default="") if link else ""
    if not link or not meant or not likeness(link.host, (meant,))[0]:
        return None
    shown = text[link.start : link.end]
    scheme, mark, rest = shown.partition("://")
    place = rest if mark else scheme
    path = place[min((place.find(sign) for sign in "/?#" if sign in place), default=len(place)) :]
    return Fix(
        f"Lead to {meant}", found.start, found.end, f"{scheme}://{meant}{path}" if mark else meant + path
    )
