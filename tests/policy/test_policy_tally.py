"""Back-test reports added up: chunk by chunk is the same as all at once, and no words of anybody are kept."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from townhall.policy.logic.tally import add_up, unworded

EFFECTS = ["answer", "no_answer", "escalate"]
_CHANGES = st.lists(
    st.tuples(st.sampled_from(EFFECTS), st.sampled_from(EFFECTS), st.integers(0, 9)), max_size=60
)


def report(changes: list[tuple[str, str, int]]) -> dict[str, Any]:
    """A report counted one by one: the oracle, which adds nothing up."""
    pairs = sorted({(a, b) for a, b, _ in changes if a != b})
    counted = [(pair, sum((a, b) == pair for a, b, _ in changes)) for pair in pairs]
    return {
        "posts": len(changes),
        "changed": {"effect": sum(a != b for a, b, _ in changes)} if pairs else {},
        "effects": [{"from": a, "to": b, "posts": n} for (a, b), n in counted],
        "people": {"before": {"silent": sum(a == "no_answer" for a, _, _ in changes)}},
        "examples": {"effect": [{"interaction": str(n)} for a, b, n in changes if a != b][:20]} if pairs else {},
    }  # fmt: skip


@given(_CHANGES, st.integers(0, 60))
def test_two_parts_are_the_whole(changes: list[tuple[str, str, int]], cut: int) -> None:
    found, whole = add_up(report(changes[:cut]), report(changes[cut:])), report(changes)
    for one in (found, whole):
        one["effects"] = sorted(one["effects"], key=lambda pair: (pair["from"], pair["to"]))
    assert found == whole


def test_nothing_added_changes_nothing() -> None:
    one = report([("answer", "no_answer", 1)])
    assert add_up({}, one) == one == add_up(one, {})


def test_words_are_left_out() -> None:
    kept = unworded({"posts": 1, "examples": {"effect": [{"interaction": "7", "text": "my card is 4111"}]}})
    assert kept == {"posts": 1, "examples": {"effect": [{"interaction": "7", "text": ""}]}}
