"""The policy in plain sentences: what is promised and allowed, how often each rule decides, and what no rule covers."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from msgspec import Struct

from townhall.desk import backtests, policy_use, policy_versions
from townhall.desk.policy_use import RuleUse
from townhall.kernel.errors import NotFound
from townhall.policy.logic import EFFECTS, Policy, Rule
from townhall.policy.logic.clauses import FEW
from townhall.policy.logic.english import verdict_in_words
from townhall.policy.logic.example import written_examples
from townhall.web.pages import policy_book, policy_starters
from townhall.web.pages.brand import guest
from townhall.web.pages.policy_edit import OPEN
from townhall.web.pages.policy_words import GROUPS, PlainRule, rule_said


class RuleLine(Struct, frozen=True):
    """A rule in plain words, its lists cut short, with how often it decides."""

    rule: Rule
    said: PlainRule
    use: RuleUse


class Group(Struct, frozen=True):
    """Rules of one effect, strongest effect first."""

    effect: str
    title: str
    lines: tuple[RuleLine, ...]


def groups(policy: Policy, use: policy_use.PolicyUse) -> list[Group]:
    """The rules by effect; an effect without rules is left out."""
    found = []
    for effect in EFFECTS:
        lines = tuple(
            RuleLine(rule, rule_said(rule, FEW), use.of(rule.id))
            for rule in policy.rules
            if rule.effect == effect
        )
        if lines:
            found.append(Group(effect, GROUPS[effect], lines))
    return found


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The active policy. Its queries are a fixed number, whatever the rules and the traffic."""
    here = guest(request, "read_policy")
    policy_book.make_ready()
    active, (lately, _) = policy_book.in_force(here), policy_versions.versions(here.conn, here.asker, limit=6)
    mine = next(
        (one for one in lately if one.state == "draft" and one.author_id == here.asker.staff_id), None
    )
    asked = [one for one in lately if one.state in ("in_review", "reviewed")]
    draft = asked[0] if asked else next((one for one in lately if one.state in OPEN), None)
    newest = policy_use.newest_posts(here.conn, here.asker, 5)
    shared: dict[str, Any] = {
        "draft": draft,
        "mine": mine,
        "lately": lately,
        "newest": newest,
        "reads": here.asker.may("read_case"),
        "may_write": here.asker.may("write_policy"),
    }
    if active is None:
        return render(request, "policy_empty.html", shared | policy_starters.tried(here, ""))
    version, policy = active
    use = policy_use.policy_use(here.conn, here.asker.brand_id, here.now)
    words = {
        "test": backtests.backtest(here.conn, here.asker, draft.number, draft.digest) if draft else None,
        "version": version.line,
        "policy": policy,
        "groups": groups(policy, use),
        "use": use,
        "rest": use.of(""),
        "otherwise": verdict_in_words(policy.otherwise),
        "uncovered": policy_use.decided_by(here.conn, here.asker, "", here.now, 3),
    }
    return render(request, "policy.html", shared | words)


@require_GET
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule with its examples and the newest posts it decided; for htmx the part alone."""
    here = guest(request, "read_policy")
    active = policy_book.in_force(here)
    found = next((one for one in active[1].rules if one.id == rule_id), None) if active else None
    if active is None or found is None:
        raise NotFound("The policy in force has no rule of that name.")
    words = {
        "rule": found,
        "said": rule_said(found),
        "use": (use := policy_use.policy_use(here.conn, here.asker.brand_id, here.now)),
        "decides": use.of(rule_id),
        "examples": written_examples(active[0].source).get(rule_id),
        "reads": here.asker.may("read_case"),
        "posts": policy_use.decided_by(here.conn, here.asker, rule_id, here.now),
    }
    alone = bool(request.headers.get("HX-Request"))
    words["alone"] = alone
    answer = render(request, "parts/policy_rule.html" if alone else "policy_rule.html", words)
    answer.headers["Vary"] = "HX-Request"
    return answer
