"""One statement for many: whom it may reach, what stands in its slots for each, and what its approval is bound to.

A statement is a public answer to the newest post of each case gathered under an incident. Whoever must not get it is
left out with a reason; nobody gets it twice.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from unicodedata import category

from msgspec import Struct

from townhall.kernel.clock import DAY, MINUTE, Instant
from townhall.outbound.logic.guard import handles_in
from townhall.outbound.logic.steps import all_met
from townhall.outbound.logic.words import LEAD, Decision, Hold

SLOTS = ("name", "handle")
"""What a text may leave open: the customer's first name, and their handle with its @."""
LONGEST = 2_000
SHORTEST_LIFE: Instant = 5 * MINUTE
LONGEST_LIFE: Instant = 7 * DAY
PREVIEWS = 5
_SLOT = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"L[LM]*(?:-L[LM]*)*")
_LONGEST_NAME = 30
_HANDLE = re.compile(r"\w(?:[\w.-]{0,62}\w)?(?:@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})?")

REASONS = {
    "unknown": "the post to answer is not here",
    "gone": "taken out of the incident",
    "closed": "the case is done",
    "observe": "the brand only observes",
    "switched_off": "sending is switched off for the account",
    "stopped": "outbound is stopped there",
    "channel": "the channel carries no answers",
    "private": "their last word is a private message",
    "deleted": "the customer deleted the post",
    "ours": "the last word there is ours",
    "answered": "answered since",
    "pending": "another answer is held or on its way",
    "person": "they get it in another of their cases",
    "draft": "somebody holds a draft",
    "typing": "somebody is typing",
    "policy": "the policy says not to answer",
    "language": "written in another language",
    "changed": "the thread changed after the approval was asked for",
    "name": "no name to fill in",
    "guard": "the guard does not let it through",
    "approval": "it needs approvals that this one is not",
    "twice": "the same words went there already",
    "expired": "the statement expired before",
    "ended": "the statement was ended before",
}
"""Why a case is left out, in the order in which they are looked at: code → words."""


class Statement(Struct, frozen=True, kw_only=True):
    """``scope``: "now" are the cases that qualified when its approval was asked for, "later" also those gathered until it
    expires. ``language`` "" is for every language. ``state``: draft, held, approved, stopped, done, returned, withdrawn, expired.
    ``digest`` is what an approval names, ``approvers`` the roles one of which may give it; ``seed`` draws the previews."""

    id: int = 0
    brand_id: int
    incident: int
    text: str
    language: str
    scope: str
    expires_at: Instant
    seed: int
    salt: bytes
    author_id: int
    author: str
    made_at: Instant
    version: int = 1
    state: str = "draft"
    digest: bytes = b""
    asked_at: Instant = 0
    approver_id: int = 0
    approver: str = ""
    approver_roles: frozenset[str] = frozenset()
    remark: str = ""
    approvers: frozenset[str] = LEAD

    def takes(self, roles: frozenset[str]) -> bool:
        """Whether the approval of somebody with these roles is one for it."""
        return not roles.isdisjoint(self.approvers)


class Standing(Struct, frozen=True):
    """What is known of a case when somebody may get the statement. ``reached`` is whether its customer got it in another
    case, ``draft`` and ``typing`` are colleagues' names; ``silent`` says that the policy wants no answer. ``seen_post`` is the newest post when its approval was
    asked for (0: it was not yet), ``changed`` that the post was edited since."""

    case: int
    gathered: bool
    open: bool
    observe: bool
    sending: bool
    stopped: bool
    replies: bool
    private: bool
    deleted: bool
    incoming: bool
    answered: bool
    pending: bool
    reached: bool
    draft: str
    typing: str
    silent: bool
    language: str
    latest_post: int
    seen_post: int
    changed: bool
    name: str
    handle: str


def exclusion(one: Standing, text: str, language: str) -> str:
    """Why this case is left out, as a code of ``REASONS`` ("": it may get the statement)."""
    other = bool(language and one.language and _base(one.language) != _base(language))
    slots = set(slots_of(text))
    checks = (
        ("gone", not one.gathered), ("closed", not one.open), ("observe", one.observe),
        ("switched_off", not one.sending), ("stopped", one.stopped), ("channel", not one.replies),
        ("private", one.private), ("deleted", one.deleted), ("ours", not one.incoming), ("answered", one.answered),
        ("pending", one.pending), ("person", one.reached), ("draft", bool(one.draft)), ("typing", bool(one.typing)), ("policy", one.silent),
        ("language", other), ("changed", one.changed or (one.seen_post > 0 and one.latest_post != one.seen_post)),
        ("name", ("name" in slots and not safe_name(one.name)) or ("handle" in slots and not safe_handle(one.handle))),
    )  # fmt: skip
    return next((code for code, is_so in checks if is_so), "")


def _base(language: str) -> str:
    return language.casefold().split("-")[0]


def slots_of(text: str) -> list[str]:
    """The slots of a text, each once, in their order."""
    return list(dict.fromkeys(_SLOT.findall(text)))


def fault(text: str, scope: str, expires_at: Instant, now: Instant) -> str:
    """Why this can be no statement ("" when it can)."""
    if not text.strip():
        return "Write what everybody is to be told."
    if len(text) > LONGEST:
        return f"A statement has at most {LONGEST:,} characters."
    if unknown := [slot for slot in slots_of(text) if slot not in SLOTS]:
        return f"There is no slot {{{unknown[0]}}}: a statement knows {{name}} and {{handle}}."
    if "{" in _SLOT.sub("", text) or "}" in _SLOT.sub("", text):
        return "A brace stands alone: a slot is written {name} or {handle}."
    if handles_in(text):
        return "A statement names nobody by handle: write {handle} for the customer's own."
    if scope not in ("now", "later"):
        return "It reaches those gathered now, or those gathered until it expires too."
    if not now + SHORTEST_LIFE <= expires_at <= now + LONGEST_LIFE:
        return "A statement expires after five minutes at the earliest and seven days at the latest."
    return ""


def safe_name(name: str) -> str:
    """The first name as it may stand in public under our name: letters with their marks, apostrophes and hyphens, "" where there is none.

    A display name is the customer's own text, and may hold anything: an address, an order, an insult to somebody else.
    """
    first = name.split()[0] if name.split() else ""
    kinds = "".join("-" if sign in "'’-" else category(sign)[0] for sign in first)
    found = _NAME.search(kinds)
    if found is None or len(found[0]) > _LONGEST_NAME or any(sign in first for sign in "@/:.\\"):
        return ""
    return first[found.start() : found.end()]


def safe_handle(handle: str) -> str:
    """The handle with its @ as it may stand in public under our name, "" for what is no plain handle: some channels let anybody
    call themselves anything."""
    plain = handle.strip().lstrip("@")
    return f"@{plain}" if _HANDLE.fullmatch(plain) else ""


def filled(text: str, name: str, handle: str) -> str:
    """The text for one customer. What stands in a slot is never read as a slot again."""
    known = {"name": safe_name(name), "handle": safe_handle(handle)}
    return _SLOT.sub(lambda slot: known[slot[1]], text)


def lifts(decision: Hold, said: str, text: str, roles: frozenset[str]) -> bool:
    """Whether the approval of the statement's ``text`` by somebody with these roles lifts the hold of ``said``, which is that text
    with its slots filled: what was noticed are words of the text itself, and one such person is enough."""
    return all_met(decision.steps, [roles]) and all(
        remark.finding.kind == "needs_approval" or said[remark.finding.start : remark.finding.end] in text
        for remark in decision.remarks
    )


def approvers(decided: Sequence[tuple[Decision, str]], text: str) -> frozenset[str]:
    """The roles one of which is enough to lift every hold among these (the guard's decision, the filled text); all of them, where only
    somebody with several is."""
    able = {
        role
        for role in LEAD
        if all(lifts(one, said, text, frozenset({role})) for one, said in decided if isinstance(one, Hold))
    }
    return frozenset(able) or LEAD


def drawn(seed: int, cases: Sequence[int], most: int = PREVIEWS) -> list[int]:
    """As many of the cases, drawn by the number: the same for the same cases, and no case likelier than another."""
    return sorted(cases, key=lambda case: sha256(f"{seed}/{case}".encode()).digest())[:most]


def digest_of(statement: Statement, cases: Sequence[int]) -> bytes:
    """The 32 bytes that its approval names: exact text, slots, language, scope with its cases, and expiry."""
    return sha256(canonical(statement, cases)).digest()


def salted_digest(statement: Statement, cases: Sequence[int]) -> str:
    """What the record keeps (hex): without the salt nobody can guess the text from it."""
    return sha256(statement.salt + canonical(statement, cases)).hexdigest()


def canonical(statement: Statement, cases: Sequence[int]) -> bytes:
    """The bytes that are hashed: every field, UTF-8, each after its length in eight bytes (big endian)."""
    among = ",".join(map(str, sorted(cases))) if statement.scope == "now" else ""
    parts = (
        str(statement.brand_id), str(statement.incident), statement.text, ",".join(slots_of(statement.text)),
        statement.language, statement.scope, among, str(statement.expires_at),
    )  # fmt: skip
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(8, "big") + part for part in encoded)
