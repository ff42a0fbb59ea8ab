"""What pages say of how right a model is stands in its card, which its page of the docs shows too."""

import re
from pathlib import Path

import pytest

from townhall.enrich.logic.heads import HEADS
from townhall.enrich.measured import measured

DOCS = Path(__file__).parents[2] / "docs" / "models"


@pytest.mark.parametrize("head", ["sentiment", "intent", "question", "complaint", "spam"])
def test_the_share_is_the_one_of_the_docs(head: str) -> None:
    found = measured(head)
    text = (DOCS / f"{head}.md").read_text()
    told = {float(one) for one in re.findall(r"\| accuracy where sure \| ([\d.]+) \|", text)}
    assert found
    for one in found:
        assert any(abs(one.right / one.rows - share) < 1e-3 for share in told), one


def test_a_head_without_a_card_of_its_own_tells_nothing() -> None:
    assert all(measured(head) == () for head in HEADS if head in ("abuse", "urgent"))
    assert measured("no such head") == ()
