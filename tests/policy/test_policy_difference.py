"""The difference of two versions: an oracle that reads both documents as plain YAML, and named sentences."""

import copy
import random
from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.maker import Maker
from townhall.policy.logic import parse_policy
from townhall.policy.logic.difference import difference

BASE = {
    "id": "t",
    "version": 1,
    "defaults": {"effect": "no_answer", "queue": "general", "reason": "None."},
    "rules": [
        {"id": f"r{n}", "owner": "ann", "reason": f"Because {n}.", "when": when, "effect": effect, "queue": "care",
         "priority": "normal", "precedence": n, "targets": {"first_response": "1h"}}
        for n, (when, effect) in enumerate(
            [("post.question", "answer"), ("post.sentiment < 0", "route"), ("post.text.contains('x')", "escalate")]
        )
    ],
}  # fmt: skip
EDITS = {
    "owner": ["bo"], "reason": ["Another."], "when": ["post.is_reply", "now.open"], "effect": ["answer_private"],
    "queue": ["night"], "priority": ["urgent"], "precedence": [9], "targets": [{"first_response": "2h"}],
    "from": [date(2026, 1, 1)],
}  # fmt: skip
SEEN = {"targets": "first_response", "from": "from_at"}


class Plain(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def read(document: dict) -> object:
    return parse_policy(yaml.dump(document, Dumper=Plain, sort_keys=False))


@given(st.integers(0, 1 << 60))
@settings(max_examples=150, deadline=None)
def test_exactly_what_was_edited_is_said(seed):
    chance = random.Random(seed)
    after = copy.deepcopy(BASE)
    edited, gone, come = set(), set(), set()
    for _ in range(chance.randint(0, 5)):
        what = chance.choice(["edit", "edit", "edit", "remove", "add", "shuffle"])
        rules = after["rules"]
        known = [rule for rule in rules if rule["id"].startswith("r")]
        if what == "edit" and known:
            rule, field = chance.choice(known), chance.choice(list(EDITS))
            rule[field] = chance.choice(EDITS[field])
            edited.add((rule["id"], SEEN.get(field, field)))
        elif what == "remove" and known:
            rule = chance.choice(known)
            rules.remove(rule)
            gone.add(rule["id"])
        elif what == "add":
            new = f"n{len(come)}"
            rules.append({"id": new, "owner": "o", "reason": new, "when": "true", "effect": "hide"})
            come.add(new)
        else:
            chance.shuffle(rules)
    edited = {pair for pair in edited if pair[0] not in gone}
    found = difference(read(BASE), read(after))
    assert {rule.rule for rule in found.removed} == gone and {rule.rule for rule in found.added} == come
    assert {(change.rule, field.field) for change in found.changed for field in change.fields} == edited
    assert found.nothing == (not edited and not gone and not come)
    back = difference(read(after), read(BASE))
    assert (back.added, back.removed) == (found.removed, found.added)
    assert [c.rule for c in back.changed] == [c.rule for c in found.changed]
    assert all(sentence.endswith(".") for sentence in found.sentences())


def test_spacing_and_order_change_nothing():
    after = copy.deepcopy(BASE)
    after["rules"][0]["when"] = "( post.question )  // a remark\n"
    after["rules"].reverse()
    found = difference(read(BASE), read(after))
    assert found.nothing and found.sentences()[0].startswith("Both decide alike")


def test_a_new_name_is_a_new_name():
    after = copy.deepcopy(BASE)
    after["rules"][0]["id"] = "asked"
    assert difference(read(BASE), read(after)).renamed == (("r0", "asked"),)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("when", "now.open", "r0: it holds when was the post is a question, is we are open."),
        ("effect", "escalate", "r0: what happens was answer in public, is take it to a person at once."),
        ("targets", {"first_response": "30m"}, "r0: the first answer was within 1 h, is within 30 min."),
        ("until", date(2027, 1, 1), "r0: last day was without bound, is 2026-12-31."),
    ],
)  # fmt: skip
def test_sentences(field, value, sentence):
    after = copy.deepcopy(BASE)
    after["rules"][0][field] = value
    found = difference(read(BASE), read(after))
    assert found.sentences() == [sentence]
    if field == "when":
        assert (found.changed[0].fields[0].before_cel, found.changed[0].fields[0].after_cel) == (
            "post.question",
            "now.open",
        )


UNSAID = "the words do not show all of the difference: see the condition as written"
NINE, DIGITS = "post.text.matches('[a-z]{9}')", "post.text.matches('[0-9]{9}')"


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (NINE, DIGITS, f"otherwise, but {UNSAID}"),
        (f"{NINE} && now.open", f"{DIGITS} && !now.open",
         f"a test of its own about the text holds and we are closed; {UNSAID}"),
        (f"{NINE} && now.open", f"{NINE} && !now.open", "a test of its own about the text holds and we are closed"),
        ("post.text == 'ab'", "post.text.lowerAscii() == 'ab'", "the text is “ab”"),
    ],
)  # fmt: skip
def test_what_the_words_do_not_show_is_said(was, now, said):
    before, after = copy.deepcopy(BASE), copy.deepcopy(BASE)
    before["rules"][0]["when"], after["rules"][0]["when"] = was, now
    found = difference(read(before), read(after))
    (change,) = found.changed[0].fields
    assert change.after == said != change.before
    written = f" As written it was {was}, is {now}." if UNSAID in said else ""
    assert found.sentences() == [f"r0: it holds when was {change.before}, is {said}.{written}"]


@given(st.integers(0, 1 << 60))
@settings(max_examples=100, deadline=None)
def test_no_changed_condition_reads_as_it_was(seed):
    """Any two conditions: the sentences differ, or it is said that they do not."""
    maker, before, after = Maker(seed), copy.deepcopy(BASE), copy.deepcopy(BASE)
    for which in (before, after):
        for rule in which["rules"]:
            rule["when"] = maker.boolean(maker.pick([0, 1, 2]))
    for change in difference(read(before), read(after)).changed:
        (when,) = change.fields
        assert when.before != when.after and when.before_cel != when.after_cel


def test_the_defaults_are_compared():
    after = copy.deepcopy(BASE)
    after["defaults"]["queue"] = "night"
    assert (
        "Where no rule matches: queue was “general”, is “night”."
        in difference(read(BASE), read(after)).sentences()
    )
