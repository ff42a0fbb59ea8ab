"""Which act each role may do. Pure: a table, and questions asked of it."""

from typing import Literal, get_args

Role = Literal["agent", "lead", "compliance", "security", "analyst", "executive", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

ACTS: dict[str, frozenset[str]] = {
    "read_case": frozenset({"agent", "lead", "compliance", "security", "admin"}),
    "reply": frozenset({"agent", "lead"}),
    "note": frozenset({"agent", "lead", "compliance", "security"}),
    "assign": frozenset({"agent", "lead"}),
    "read_approvals": frozenset({"agent", "lead", "compliance", "security", "admin"}),
    "approve": frozenset({"lead", "compliance"}),
    "stop_outbound": frozenset({"agent", "lead", "compliance", "security", "executive", "admin"}),
    "resume_outbound": frozenset({"lead", "security", "admin"}),
    "read_live": frozenset(ROLES),
    "read_record": frozenset({"compliance", "security", "analyst", "admin"}),
    "manage_policy": frozenset({"compliance", "admin"}),
    "manage_accounts": frozenset({"admin"}),
    "manage_people": frozenset({"admin"}),
    "manage_tokens": frozenset({"admin"}),
    "leave_observe": frozenset({"admin"}),
}
"""Act → the roles any one of which is enough."""

ACT_WORDS: dict[str, str] = {
    "read_case": "read conversations",
    "reply": "answer customers",
    "note": "write notes",
    "assign": "take and hand over cases",
    "read_approvals": "see what is held",
    "approve": "approve what others wrote",
    "stop_outbound": "stop everything that goes out",
    "resume_outbound": "let replies go out again",
    "read_live": "read the live page",
    "read_record": "search the record",
    "manage_policy": "write the response policy",
    "manage_accounts": "connect channels",
    "manage_people": "invite people and set roles",
    "manage_tokens": "make access tokens for programs",
    "leave_observe": "let a brand start to answer",
}


def may(roles: frozenset[str], act: str) -> bool:
    """Whether one of the roles allows the act. An act nobody has written down is allowed to nobody."""
    return bool(roles & ACTS.get(act, frozenset()))


def acts_of(roles: frozenset[str]) -> list[tuple[str, list[str]]]:
    """What somebody with these roles can do and by which of them: (words of the act, roles), in the table's order."""
    return [(ACT_WORDS[act], sorted(roles & enough)) for act, enough in ACTS.items() if roles & enough]


def unknown_roles(roles: frozenset[str]) -> list[str]:
    """The words among these that are no role, sorted."""
    return sorted(roles - set(ROLES))
