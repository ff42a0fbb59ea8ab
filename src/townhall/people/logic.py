"""Which act each role may do. Pure: a table, and questions asked of it."""

from typing import Literal, get_args

Role = Literal["agent", "lead", "compliance", "security", "analyst", "executive", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

ACTS: dict[str, frozenset[str]] = {
    "read_case": frozenset({"agent", "lead", "compliance", "security", "admin"}),
    "reply": frozenset({"agent", "lead"}),
    "moderate": frozenset({"agent", "lead", "compliance", "security"}),
    "note": frozenset({"agent", "lead", "compliance", "security"}),
    "assign": frozenset({"agent", "lead"}),
    "gather_cases": frozenset({"agent", "lead", "admin"}),
    "lead_incident": frozenset({"lead", "admin"}),
    "read_approvals": frozenset({"agent", "lead", "compliance", "security", "admin"}),
    "approve": frozenset({"lead", "compliance"}),
    "stop_outbound": frozenset({"agent", "lead", "compliance", "security", "executive", "admin"}),
    "resume_outbound": frozenset({"lead", "security", "admin"}),
    "read_live": frozenset(ROLES),
    "read_record": frozenset({"compliance", "security", "analyst", "admin"}),
    "read_policy": frozenset(ROLES),
    "write_policy": frozenset({"lead", "compliance", "admin"}),
    "review_policy": frozenset({"lead", "compliance", "admin"}),
    "activate_policy": frozenset({"compliance", "admin"}),
    "manage_policy": frozenset({"compliance", "admin"}),
    "set_targets": frozenset({"lead", "executive", "admin"}),
    "read_routing": frozenset({"agent", "lead", "executive", "admin"}),
    "override_routing": frozenset({"lead"}),
    "manage_routing": frozenset({"lead", "admin"}),
    "decide_deleted": frozenset({"compliance"}),
    "manage_answers": frozenset({"lead", "compliance", "admin"}),
    "order_duty": frozenset({"lead", "admin"}),
    "label": frozenset({"agent", "lead", "compliance", "security"}),
    "read_models": frozenset({"agent", "lead", "compliance", "security", "analyst", "executive", "admin"}),
    "teach_models": frozenset({"lead", "analyst", "admin"}),
    "manage_accounts": frozenset({"admin"}),
    "manage_systems": frozenset({"admin"}),
    "manage_people": frozenset({"admin"}),
    "manage_tokens": frozenset({"admin"}),
    "leave_observe": frozenset({"admin"}),
}
"""Act → the roles any one of which is enough."""

ACT_WORDS: dict[str, str] = {
    "read_case": "read conversations",
    "reply": "answer customers",
    "moderate": "hide and report posts on their network",
    "note": "write notes",
    "assign": "take and hand over cases",
    "gather_cases": "open incidents and gather cases under them",
    "lead_incident": "close incidents, say who leads them and when the next update is due",
    "read_approvals": "see what is held",
    "approve": "approve what others wrote",
    "stop_outbound": "stop everything that goes out",
    "resume_outbound": "let replies go out again",
    "read_live": "read the live page",
    "read_record": "search the record",
    "read_policy": "read the response policy",
    "write_policy": "write drafts of the response policy",
    "review_policy": "review what others wrote of the response policy",
    "activate_policy": "put a reviewed policy in force, or go back to an earlier one",
    "manage_policy": "set the words that replies are held to, and own web addresses",
    "set_targets": "set targets for figures",
    "read_routing": "see who is here and why a case went to whom",
    "override_routing": "decide who holds a case, with a reason",
    "manage_routing": "set queues, skills and shifts",
    "decide_deleted": "say what becomes of posts that their authors deleted",
    "manage_answers": "write stored answers and articles",
    "order_duty": "say who is told next",
    "label": "say what a post is, where it was misread",
    "read_models": "see which models read the posts",
    "teach_models": "teach models from labels, put them to use, and take them back",
    "manage_accounts": "connect channels",
    "manage_systems": "set which of the brand's own systems are asked about a customer",
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
