"""Policies as they are written: what is refused and where, examples, precedence, dates, explanations, speed's shape."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.kernel.clock import HOUR, MINUTE, from_iso
from townhall.kernel.errors import Refused
from townhall.policy.logic import Context, explain, judge, parse_policy

HEAD = """id: care
version: 4
calendar: office
defaults: {effect: route, priority: low, queue: general, targets: {first_response: 8h}}
rules:
"""


def rule(id: str = "r", when: str = "true", effect: str = "answer", extra: str = "") -> str:
    lines = [
        f"  - id: {id}",
        "    owner: someone",
        "    reason: because",
        f"    when: {when}",
        f"    effect: {effect}",
    ]
    return "\n".join([*lines, *(f"    {line}" for line in extra.splitlines())]) + "\n"


def decided(source: str, **values) -> str:
    return judge(parse_policy(source), [Context(**values)])[0].rule


@pytest.mark.parametrize(
    ("when", "place", "message"),
    [
        ("post.txt == 'a'", "line 9, column 11", "nothing is called post.txt; known are post.text"),
        ("'post.length > 1 &'", "line 9, column 28", "write && for and"),
        ("post.length = 1", "line 9, column 23", "write == to compare"),
        ("post.length > 1.5", "line 9, column 25", "write the whole number with a point"),
        ("post.length + 1", "line 9, column 11", "a condition is true or false, and this is of type int"),
        ("post.text.matches('a*')", "line 9, column 29", r"\* repeats without bound; write {0,20}"),
        ("post.text.matches(post.text)", "line 9, column 29", "a pattern written out"),
        ("post.text.contains(1)", "line 9, column 30", "contains needs string"),
        ("post.findings.exists(x, y == x)", "line 9, column 35", "nothing is called y"),
        ("size(post.length) > 1", "line 9, column 11", "int has no size"),
        ("now.open &&", "line 9, column 21", "ends too early"),
        ("post.length > 9223372036854775808", "line 9, column 25", "64 bits"),
        ("\"post.text == 'caf\\\\q'\"", "line 9, column 25", r"\\q means nothing"),
        ("size(['a', 1]) > 1", "line 9, column 22", "a list holds one type"),
        ("post.open", "line 9, column 11", "nothing is called post.open"),
        ("has(post.text)", "line 9, column 11", "there is no function has"),
        ("|\n      now.open\n      && post.txt", "line 11, column 10", "nothing is called post.txt"),
        (">-\n      now.open &&\n      post.question || é", "line 11, column 24", "does not fit"),
        (
            "'now.open\n      && post.question == 1'",
            "line 10, column 27",
            "cannot bring together bool and int",
        ),
    ],
)
def test_a_wrong_condition_is_refused_at_its_place(when, place, message):
    with pytest.raises(Refused, match=message) as refusal:
        parse_policy(HEAD + rule(when=when))
    assert str(refusal.value).startswith(f"policy {place}: rules[0].when: ")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "the document is empty"),
        ("id: [", "line 2, column 1: not YAML"),
        ("- a", "a mapping is needed"),
        ("id: a\nversion: 1\n", "rules is missing"),
        ("id: a\nid: b\nversion: 1\nrules: []", "line 2, column 5: id: given twice"),
        ("id: a\nversion: one\nrules: []", "line 2, column 10: version: a whole number"),
        ("id: Big Name\nversion: 1\nrules: []", "small letters"),
        ("id: a\nversion: 1\nrules: {}", "a list is needed"),
        ("id: a\nversion: 1\nrules: []\ncolour: red", "line 4, column 9: colour: unknown field"),
        ("id: &x a\nversion: 1\nrules: []", "anchors and aliases"),
        ("- " * 100_000, "more than 32 levels"),
        ("{a: " * 100_000, "more than 32 levels"),
        ("id: " + "[\n" * 100_000, "policy line 32: more than 32 levels"),
        ("id: a\nversion: " + ":".join(["1"] * 400_000) + "\nrules: []", "at most 64 characters"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("id: a\nversion: 1\nrules: []\n#" + " " * 1_000_000, "at most 1,000,000 characters"),
        (HEAD + rule(effect="shout"), "shout is not known; choose one of escalate, hide"),
        (HEAD + rule(extra="priority: soon"), "urgent, high, normal, low"),
        (HEAD + rule(extra="targets: {first_response: 1d}"), "30m, 4h, 1h30m or 15s"),
        (HEAD + rule(extra="targets: {first_response: 0m}"), "30m, 4h, 1h30m or 15s"),
        (HEAD + rule(extra="targets: {third_response: 1h}"), "unknown field"),
        (HEAD + rule(extra="from: soon"), "a day such as 2026-12-01"),
        (HEAD + rule(extra="from: 2026-02-01\nuntil: 2026-02-01"), "must be after from"),
        (HEAD + rule(extra="precedence: high"), "a whole number"),
        (HEAD + rule() + rule(), r"rules\[1\]: r is already the id of the rule on line 6"),
        (HEAD + "  - id: r\n", "owner is missing"),
        (HEAD + rule(when="!!python/name:os.system true"), "ends too early|does not fit|condition|nothing"),
    ],
)
def test_a_wrong_document_is_refused(source, message):
    if "python/name" in str(source):
        assert decided(source) == "r"  # a tag is never obeyed: the scalar is read as text
        return
    with pytest.raises(Refused, match=message):
        parse_policy(source)


def test_depth_and_length_are_bounded():
    for when in (
        "(" * 500 + "true" + ")" * 500,
        "!" * 3_000 + "true",
        "[" * 50 + "]" * 50 + " == []",
        "1" + "+1" * 900 + " > 0",
    ):
        assert _refused_or_read(when)
    with pytest.raises(Refused, match="at most 8,000 characters"):
        parse_policy(HEAD + rule(when="'" + "x" * 9_000 + "'"))


def _refused_or_read(when: str) -> bool:
    try:
        return bool(parse_policy(HEAD + rule(when=f'"{when}"')).rules)
    except Refused as refusal:
        return "levels deep" in str(refusal)


def test_examples_are_run():
    good = rule(
        when="post.text.contains('refund')",
        extra="examples: {match: [{post.text: my refund}], no_match: [{post.text: hi}]}",
    )
    assert decided(HEAD + good, text="refund") == "r"
    with pytest.raises(
        Refused,
        match=r"should match and does not: post.text.contains\('refund'\) does not hold, post.text is 'hi'",
    ):
        parse_policy(HEAD + good.replace("my refund", "hi"))
    with pytest.raises(Refused, match="should not match and does"):
        parse_policy(HEAD + good.replace("{post.text: hi}", "{post.text: no refund}"))
    with pytest.raises(Refused, match=r"examples.match\[0\].post.txt: nothing is called post.txt"):
        parse_policy(HEAD + good.replace("{post.text: my", "{post.txt: my"))
    with pytest.raises(Refused, match="a value of type bool is needed"):
        parse_policy(HEAD + good.replace("{post.text: hi}", "{post.question: maybe}"))


def test_the_stronger_effect_then_precedence_then_the_id_decides():
    rules = [
        rule("b", effect="answer"),
        rule("a", effect="answer"),
        rule("z", effect="answer", extra="precedence: 1"),
        rule("quiet", when="post.length > 5", effect="no_answer"),
        rule("loud", when="post.length > 9", effect="escalate"),
        rule("thanks", effect="acknowledge", extra="precedence: 99"),
    ]
    for order in (rules, rules[::-1]):
        policy = parse_policy(HEAD + "".join(order))
        verdicts = judge(policy, [Context(length=n) for n in (1, 6, 10)])
        assert [v.rule for v in verdicts] == ["z", "quiet", "loud"]
        assert verdicts[2].matched == ("loud", "quiet", "z", "a", "b", "thanks")
        assert [v.respond for v in verdicts] == [True, False, True]


def test_what_a_rule_does_not_say_comes_from_the_defaults():
    source = (
        HEAD + rule("a", when="post.length == 1") + rule("t", when="post.length == 2", effect="acknowledge")
    )
    source += rule(
        "own",
        when="post.length == 3",
        extra="priority: urgent\nqueue: q\ncalendar: always\ntargets: {next_response: 1h30m}",
    )
    a, thanks, own, none = judge(parse_policy(source), [Context(length=n) for n in (1, 2, 3, 4)])
    assert (a.priority, a.queue, a.first_response, a.next_response, a.calendar) == (
        3,
        "general",
        8 * HOUR,
        0,
        "office",
    )
    assert (thanks.first_response, thanks.respond) == (0, True)
    assert (own.priority, own.queue, own.first_response, own.next_response) == (0, "q", 0, 90 * MINUTE)
    assert own.calendar == "always"
    assert (none.rule, none.effect, none.respond, none.reason) == (
        "",
        "route",
        True,
        "No rule matched; the policy's defaults hold.",
    )


def test_a_rule_holds_from_its_day_until_the_day_before_the_other():
    policy = parse_policy(HEAD + rule(extra="from: 2026-03-01\nuntil: 2026-03-02"))
    moments = [
        "2026-02-28T23:59:59.999999Z",
        "2026-03-01T00:00:00Z",
        "2026-03-01T23:59:59.999999Z",
        "2026-03-02T00:00:00Z",
    ]
    posts = [Context(at=from_iso(moment)) for moment in moments]
    assert [v.rule for v in judge(policy, posts)] == ["", "r", "r", ""]
    assert [explain(policy, post).verdict.rule for post in posts] == ["", "r", "r", ""]
    assert not explain(policy, posts[0]).rules[0].in_force


def test_the_digest_is_that_of_the_exact_bytes():
    source = (HEAD + rule()).encode()
    assert parse_policy(source).digest == hashlib.sha256(source).hexdigest()
    assert parse_policy(source.decode()).digest == hashlib.sha256(source).hexdigest()
    assert parse_policy(source + b"\n").digest != parse_policy(source).digest


def test_a_condition_without_a_value_does_not_match():
    policy = parse_policy(HEAD + rule(when="10 / post.length > 2"))
    assert [v.rule for v in judge(policy, [Context(length=0), Context(length=3)])] == ["", "r"]
    atom = explain(policy, Context(length=0)).rules[0].because[0]
    assert (atom.text, atom.held, atom.saw) == ("10 / post.length > 2", None, (("post.length", "0"),))
    assert atom.words == "a test of its own about the number of characters holds"


def test_an_explanation_names_the_parts_that_decided():
    when = "post.question && (post.length > 9 || post.text.contains('hi')) && !author.known"
    policy = parse_policy(HEAD + rule(when=when))
    said = explain(policy, Context(question=True, text="hello", length=5)).rules[0]
    assert not said.matched
    assert [(atom.text, atom.held) for atom in said.because] == [
        ("post.length > 9", False),
        ("post.text.contains('hi')", False),
    ]
    assert said.because[0].saw == (("post.length", "5"),)
    assert said.because[0].words == "the number of characters is more than 9"
    said = explain(policy, Context(question=True, text="hi", length=2)).rules[0]
    assert said.matched
    assert [atom.text for atom in said.because] == [
        "post.question",
        "post.text.contains('hi')",
        "author.known",
    ]
    assert [atom.words for atom in said.because][::2] == [
        "the post is a question",
        "the author never wrote here before",
    ]
    known = explain(policy, Context(question=True, text="hi", author_known=True)).rules[0]
    assert [(atom.text, atom.held) for atom in known.because] == [("author.known", True)]
    assert known.because[0].words == "the author never wrote here before"


def test_a_policy_of_no_rules_gives_its_defaults():
    policy = parse_policy("id: a\nversion: 1\nrules: []")
    assert judge(policy, []) == []
    assert judge(policy, [Context()] * 30)[29].effect == "no_answer"


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_reader(text):
    """Whatever is written as a condition is read or refused, and never runs as code."""
    quoted = text.replace("'", "''").replace("\n", " ")
    try:
        parse_policy(HEAD + rule(when=f"'{quoted}'"))
    except Refused as refusal:
        assert "policy" in str(refusal)
