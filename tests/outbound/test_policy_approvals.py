"""A rule that wants answers approved: the reply is held for that role, from the document to the delivery."""

from collections.abc import Callable
from typing import Any

import pytest
from office import NOW, Office

from tests.flow.examining import activate, ask_review
from townhall.flow import outbound, outbound_approval
from townhall.flow import policy_versions as versions
from townhall.flow.outbound import Composed
from townhall.flow.outbound_outcome import Held, Released
from townhall.kernel.clock import SECOND
from townhall.kernel.errors import Forbidden, Refused
from townhall.policy.logic import parse_policy
from townhall.policy.logic.english import rule_in_words

Desk = Callable[..., Any]
DOCUMENT = """\
id: bank
version: 1
rules:
  - {id: r, owner: legal, reason: Words about money are read twice., when: "post.question", effect: answer,
     approvals: [compliance]}
  - {id: small, owner: care, reason: Small talk., when: "post.sentiment > 0", effect: answer}
"""


def in_force(office: Office, at_desk: Desk, source: str, names: tuple[str, str] = ("Ann", "Bo")) -> int:
    ann, bo = (office.staff(name, "compliance") for name in names)
    made = at_desk(versions.draft, ann, source, NOW)
    at_desk(ask_review, ann, made.number, NOW)
    at_desk(versions.approve, bo, made.number, made.digest, NOW)
    at_desk(activate, ann, made.number, NOW)
    return int(made.id)


def asked(office: Office, version: int, rule: str) -> int:
    case = office.case(f"May I borrow? {version} {rule}")
    office.conn.execute(
        "UPDATE interaction SET policy_id = %s, rule = %s WHERE id = %s",
        [version, rule, office.of_case(case)[1]],
    )
    return case


def test_a_reply_waits_for_the_role_that_the_rule_names(office: Office, at_desk: Desk) -> None:
    version = in_force(office, at_desk, DOCUMENT)
    dee, lee, cora = office.staff("Dee"), office.staff("Lee", "lead"), office.staff("Cora", "compliance")
    case = asked(office, version, "r")
    came = at_desk(outbound.submit, dee, Composed(case_id=case, kind="public", text="Yes, you may."), NOW)
    assert isinstance(came, Held) and came.decision.approvers == {"compliance"}
    assert "rule r" in came.decision.why and office.states() == {}
    digest = office.one("SELECT digest FROM release WHERE id = %s", came.release_id)
    with pytest.raises(Forbidden, match="compliance"):
        at_desk(outbound_approval.approve, lee, came.release_id, digest, NOW)
    done = at_desk(outbound_approval.approve, cora, came.release_id, digest, NOW + SECOND)
    assert isinstance(done, Released) and office.states() == {"waiting": 1}


def test_other_rules_and_other_versions_want_nothing(office: Office, at_desk: Desk) -> None:
    version = in_force(office, at_desk, DOCUMENT)
    before = in_force(
        office, at_desk, DOCUMENT.replace(",\n     approvals: [compliance]", ""), ("Cleo", "Dora")
    )
    dee = office.staff("Dee")
    for number, (judged_by, rule) in enumerate(((version, "small"), (before, "r"))):
        case = asked(office, judged_by, rule)
        said = Composed(case_id=case, kind="public", text=f"Yes, you may {number}.")
        assert isinstance(at_desk(outbound.submit, dee, said, NOW), Released)


def test_the_document_names_roles_that_approve() -> None:
    policy = parse_policy(DOCUMENT)
    assert policy.approvals() == {"r": [["compliance"]]}
    assert "Every answer needs the approval of compliance." in rule_in_words(policy.rules[0]).sentence
    with pytest.raises(
        Refused, match=r"line 5, column \d+: rules.0..approvals: roles that approve are compliance and lead"
    ):
        parse_policy(DOCUMENT.replace("[compliance]", "[agent]"))
