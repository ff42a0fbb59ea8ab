"""The guard: what a text may not carry out of the house, and who may say that it may.

Each check looks at one danger and gives remarks; the strictest remark decides. Pure, so that typing, sending and
approving ask the same judge.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from townhall.kernel.finding import Finding, FindingKind
from townhall.outbound.logic.fitting import overfull
from townhall.outbound.logic.links import SHORTENERS, Link, links_in
from townhall.outbound.logic.lookalike import is_own, likeness, mixed_script
from townhall.outbound.logic.steps import Steps, together, with_one
from townhall.outbound.logic.words import (
    COMPLIANCE,
    LEAD,
    Allow,
    Block,
    Decision,
    Hold,
    Remark,
    Saying,
    Severity,
    Surroundings,
    Term,
)

_HANDLE = re.compile(r"(?<![\w/@.])@([\w.-]{1,64}(?:@[\w.-]{1,255})?)")
_NEVER_SENT = {
    "card": "A card number never goes out.",
    "secret": "This looks like a key or token: it never goes out.",
    "password": "A password never goes out.",
}
_PERSONAL = {
    "iban": "An account number (IBAN)", "national_id": "A national id number", "birth_date": "A date of birth",
    "address": "A postal address", "email": "An e-mail address", "phone": "A phone number", "ip": "An IP address",
}  # fmt: skip
_FINE_IN_PRIVATE = frozenset({"email", "phone", "address", "ip"})


def judge(saying: Saying, around: Surroundings) -> Decision:
    """Allow, Hold or Block, with every remark in the order of the text, then of the pictures."""
    checks = (_place, _size, _pictures, _wanted, _personal, _required)
    found = [remark for check in checks for remark in check(saying, around)]
    for place, text in enumerate(saying.texts):
        of_words = (remark for check in (_forbidden, _links, _strangers) for remark in check(text, around))
        found += [_within(remark, place) for remark in of_words]
    remarks = tuple(sorted(found, key=lambda one: (one.finding.picture, one.finding.start, one.finding.end)))
    if any(remark.severity == "block" for remark in remarks):
        return Block(remarks)
    if not remarks:
        return Allow()
    return Hold(remarks, steps=_steps(remarks, around))


def with_wish(decision: Decision) -> Decision:
    """The decision about a text whose author asks that somebody approves it: one approval where none was wanted, else the
    same steps. A block stays one."""
    if isinstance(decision, Block):
        return decision
    wish = Remark(Finding("author_asks", 0, 0, "Its author asks for an approval."), "hold")
    steps = decision.steps if isinstance(decision, Hold) else (LEAD,)
    return Hold((wish, *decision.remarks), steps=steps)


def _steps(remarks: Sequence[Remark], around: Surroundings) -> Steps:
    """Who has to approve: all that rules want of several people, one of whom may lift every remark."""
    several = together([wanted.steps for wanted in around.wanted if len(wanted.steps) > 1])
    return with_one(several, _who_may(remarks))


def _who_may(remarks: Sequence[Remark]) -> frozenset[str]:
    """Roles that may lift every remark at once; compliance can always."""
    return frozenset.intersection(*(remark.approvers for remark in remarks)) or COMPLIANCE


def _place(saying: Saying, around: Surroundings) -> Iterator[Remark]:
    if saying.brand_id != around.thread_brand:
        yield _whole(saying, "wrong_account", "This conversation belongs to another brand.")
    if saying.account_id != around.thread_account:
        yield _whole(saying, "wrong_account", "This account is not the one that the customer wrote to.")
    if around.target_deleted:
        yield _whole(saying, "target_deleted", "The post that this answers was deleted.")
    if around.already_said:
        yield _whole(
            saying, "already_said", "Exactly these words went out here already, or are on their way."
        )
    if around.thread_private and saying.kind == "public":
        yield _whole(saying, "wrong_audience", "The customer wrote in private, and this would be public.")
    if saying.kind == "private" and not (around.can_reply_private and saying.recipient):
        yield _whole(saying, "wrong_audience", "This channel cannot carry a private reply to this person.")


def _size(saying: Saying, around: Surroundings) -> Iterator[Remark]:
    if not saying.text.strip() and not saying.pictures:
        yield _whole(saying, "empty_text", "There is nothing to send yet.")
    if around.max_length and around.length > around.max_length:
        over = around.length - around.max_length
        reason = f"Too long for this channel by {over} of its {around.max_length} characters."
        start = max(0, min(around.max_length, len(saying.text) - over))
        yield Remark(Finding("too_long", start, len(saying.text), reason), "block")


def _pictures(saying: Saying, around: Surroundings) -> Iterator[Remark]:
    if why := overfull(len(saying.pictures), around.most_pictures):
        yield _whole(saying, "too_many_media", why)
    for place, picture in enumerate(saying.pictures, 1):
        if not any(map(str.isalnum, picture.alt)):
            reason = f"Say what picture {place} shows, for those who cannot see it."
            yield Remark(Finding("no_alt_text", 0, 0, reason, picture=place), "block")
        elif (over := len(picture.alt) - around.longest_alt) > 0 and around.most_pictures:
            reason = (
                f"What picture {place} shows is told too long by {over} of {around.longest_alt:,} characters."
            )
            start = around.longest_alt
            yield Remark(Finding("long_alt_text", start, len(picture.alt), reason, picture=place), "block")


def _wanted(saying: Saying, around: Surroundings) -> Iterator[Remark]:
    for wanted in around.wanted:
        reason = f"The response policy wants this approved (rule {wanted.rule or 'of the defaults'})."
        yield Remark(Finding("needs_approval", 0, len(saying.text), reason), "hold", wanted.approvers)


def _personal(saying: Saying, around: Surroundings) -> Iterator[Remark]:
    terms = [term for term in around.terms if term.kind == "allowed"]
    allowed = [tuple(_spans(text, terms)) for text in saying.texts]
    for found in around.personal:
        if found.kind in _NEVER_SENT:
            yield Remark(_with_reason(found, _NEVER_SENT[found.kind]), "block")
        elif _covered(found, allowed[found.picture]) or (
            saying.kind == "private" and found.kind in _FINE_IN_PRIVATE
        ):
            continue
        elif found.kind in _PERSONAL:
            reason = f"{_PERSONAL[found.kind]} would go out{' in public' if saying.kind == 'public' else ''}."
            yield Remark(_with_reason(found, reason), "hold")


def _required(saying: Saying, around: Surroundings) -> Iterator[Remark]:
    folded = _folded(saying.text)
    for term in around.terms:
        if term.kind == "required" and _is_missing(saying.text, folded, term):
            yield _of_term(term, "required_term", len(saying.text), len(saying.text))


def _forbidden(text: str, around: Surroundings) -> Iterator[Remark]:
    folded = _folded(text)
    for term in around.terms:
        if term.kind == "forbidden" and _may_hold(folded, term.words):
            for found in _pattern(term.words).finditer(text):
                yield _of_term(term, "forbidden_term", *found.span())


def _links(text: str, around: Surroundings) -> Iterator[Remark]:
    for link in links_in(text):
        if link.trouble:
            yield _of_link(link, "unsafe_link", f"Unsafe link: {link.trouble}.", "block")
        elif link.host in SHORTENERS and not is_own(link.host, around.domains):
            yield _of_link(link, "shortened_link", f"{link.host} hides where the link leads.", "hold")
        else:
            yield from _impostor(link, around)


def _impostor(link: Link, around: Surroundings) -> Iterator[Remark]:
    certainty, why = likeness(link.host, around.domains)
    if certainty:
        severity: Severity = "block" if certainty >= 1 else "hold"
        yield _of_link(link, "lookalike_link", f"{why}.", severity, certainty)
    elif label := mixed_script(link.host):
        yield _of_link(
            link, "unsafe_link", f"Unsafe link: {label} mixes letters of several scripts.", "block"
        )


def _strangers(text: str, around: Surroundings) -> Iterator[Remark]:
    for found in handles_in(text):
        if found[0] in around.strangers:
            reason = f"@{found[0]} is another customer, who takes no part in this conversation."
            yield Remark(Finding("context_leak", found[1], found[2], reason), "hold")


def handles_in(text: str) -> list[tuple[str, int, int]]:
    """The handles that a text names: (lower case without @, start, end)."""
    shown = ((found[1].rstrip(".-"), found.start()) for found in _HANDLE.finditer(text))
    return [(name.casefold(), start, start + 1 + len(name)) for name, start in shown if name]


def _spans(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where the words stand, as whole words, in any case, with any white space between them."""
    folded = _folded(text)
    for term in terms:
        if _may_hold(folded, term.words):
            for found in _pattern(term.words).finditer(text):
                yield found.span()


def _folded(text: str) -> str:
    """Lower case as the patterns see it: they take a dotless i for an i."""
    return text.casefold().replace("ı", "i")


def _may_hold(folded: str, words: str) -> bool:
    """Whether the pattern is worth asking (it costs forty times as much). Never no where the pattern says yes."""
    first = words.split(maxsplit=1)[0]
    return not first.isascii() or first.casefold() in folded


_patterns: dict[str, re.Pattern[str]] = {}


def _pattern(words: str) -> re.Pattern[str]:
    if words not in _patterns:
        if len(_patterns) > 5000:
            _patterns.clear()
        body = r"\s{1,8}".join(re.escape(word) for word in words.split())
        before = r"(?<!\w)" if words.strip()[0].isalnum() else ""
        after = r"(?!\w)" if words.strip()[-1].isalnum() else ""
        _patterns[words] = re.compile(before + body + after, re.IGNORECASE)
    return _patterns[words]


def _is_missing(text: str, folded: str, term: Term) -> bool:
    wanted = not term.trigger.strip() or _holds(text, folded, term.trigger)
    return wanted and bool(text.strip()) and not _holds(text, folded, term.words)


def _holds(text: str, folded: str, words: str) -> bool:
    return _may_hold(folded, words) and bool(_pattern(words).search(text))


def _covered(found: Finding, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= found.start and found.end <= end for start, end in spans)


def _whole(saying: Saying, kind: FindingKind, reason: str) -> Remark:
    return Remark(Finding(kind, 0, len(saying.text), reason), "block")


def _within(remark: Remark, place: int) -> Remark:
    """The remark as one about what the picture at that place shows in words; 0 is the text itself."""
    return replace(remark, finding=replace(remark.finding, picture=place)) if place else remark


def _with_reason(found: Finding, reason: str) -> Finding:
    return replace(found, reason=reason)


def _of_term(term: Term, kind: FindingKind, start: int, end: int) -> Remark:
    words = f'Not allowed here: "{term.words}".' if kind == "forbidden_term" else f'Missing: "{term.words}".'
    return Remark(Finding(kind, start, end, f"{words} {term.reason}".strip()), term.severity, COMPLIANCE)


def _of_link(
    link: Link, kind: FindingKind, reason: str, severity: Severity, certainty: float = 1.0
) -> Remark:
    return Remark(Finding(kind, link.start, link.end, reason, certainty), severity, LEAD)
