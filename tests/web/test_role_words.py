"""Every role says what it is for, where roles are chosen: what it may do, and nothing that it may not."""

import re

from townhall.people.logic import ROLES, may
from townhall.web.pages.role_words import role_words

SAYS = {
    "reads": "read_case", "answers customers": "reply", "answers": "reply", "approves": "approve", "routes": "override_routing",
    "sets targets": "set_targets", "puts policies in force": "activate_policy", "reads the record": "read_record",
    "hides posts": "moderate", "releases stops": "resume_outbound", "reads figures": "read_live", "the record": "read_record",
    "teaches models": "teach_models", "reads the live page": "read_live", "routing": "read_routing",
    "can stop sending": "stop_outbound", "people": "manage_people", "channels": "manage_accounts", "policies": "manage_policy",
    "systems": "manage_systems",
}  # fmt: skip
"""What is said of a role → the act that it stands for."""


def test_a_role_is_said_to_do_what_it_may() -> None:
    for role in ROLES:
        parts = re.split(r", | and |: ", role_words(role).removeprefix("runs the brand: "))
        assert [part for part in parts if not may(frozenset({role}), SAYS[part])] == [], role
        for act in ("reply", "approve"):
            said = any(SAYS[part] == act for part in parts)
            assert said == may(frozenset({role}), act), (role, act)
    assert len({role_words(role) for role in ROLES}) == len(ROLES) and role_words("nobody") == ""
