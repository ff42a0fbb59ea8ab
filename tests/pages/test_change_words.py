"""How a page says which other text would have changed a verdict."""

import pytest

from townhall.web.pages.policy_try import _text_changed


@pytest.mark.parametrize(
    ("was", "value", "said"),
    [
        ("my parcel", "my parcel lost", "the text also said “lost”"),
        ("my parcel", "Dear my parcel", "the text began with “Dear”"),
        ("a refund now", "a now", "the text did not say “refund”"),
        ("refund, refund or refund", "refund, or", "the text did not say “refund refund”"),
        ("unrefunded", "uned", "the text were “uned”"),
        ("my parcel", "lost", "the text were “lost”"),
        ("", "lost", "the text were “lost”"),
    ],
)
def test_only_the_difference_is_said(was: str, value: str, said: str) -> None:
    assert _text_changed(was, value) == said
