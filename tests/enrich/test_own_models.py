"""Models of an operator's own: kept without a pickle, refused when changed, asking where they are least sure."""

import hashlib
import json

import numpy as np
import pytest

from townhall.enrich.learning import own
from townhall.enrich.learning.kept import load, save
from townhall.enrich.learning.machine import fit
from townhall.kernel.errors import NotFound, Refused

PAIRS = [(f"my parcel {n} is late and lost", "delivery") for n in range(12)] + [
    (f"refund my money for bill {n}", "billing") for n in range(12)
]


def test_what_was_kept_says_what_was_learnt(tmp_path):
    texts, labels = [text for text, _ in PAIRS], [label for _, label in PAIRS]
    made = fit(texts, labels)
    save(made, tmp_path, "needs", {"floor": 0.6})
    again, card = load(tmp_path, "needs")
    asked = ["where is my parcel", "money back", "hello"]
    assert np.array_equal(made.chances(made.scores(asked)), again.chances(again.scores(asked)))
    assert (again.border, again.classes, card["classes"]) == (
        made.border,
        made.classes,
        ["billing", "delivery"],
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["needs.json", "needs.npz"]


def test_a_changed_file_is_refused_and_a_missing_one_named(tmp_path):
    own.train(PAIRS, tmp_path, "needs")
    raw = bytearray((tmp_path / "needs.npz").read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "needs.npz").write_bytes(raw)
    with pytest.raises(Refused, match="SHA-256"):
        own.judge(["x"], tmp_path, "needs")
    with pytest.raises(NotFound, match="train it first"):
        own.judge(["x"], tmp_path, "other")


@pytest.mark.parametrize("name", ["", "../up", "A", "x" * 65, "a/b"])
def test_a_name_cannot_leave_the_folder(tmp_path, name):
    with pytest.raises(Refused):
        own.train(PAIRS, tmp_path, name)


def test_too_little_is_refused_with_what_is_missing(tmp_path):
    with pytest.raises(Refused, match="praise"):
        own.train([*PAIRS, ("lovely", "praise")], tmp_path, "needs")
    with pytest.raises(Refused, match="two labels"):
        own.train(PAIRS[:12], tmp_path, "needs")


def test_the_card_says_what_holds_and_unsure_is_said_under_the_floor(tmp_path):
    card = own.train(PAIRS, tmp_path, "needs")
    assert card["rows_by_class"] == {"billing": 12, "delivery": 12} and card["accuracy"] == 1.0
    said = own.judge(["my parcel is late and lost", "zxq wvu"], tmp_path, "needs")
    assert said[0].label == "delivery" and said[0].chance >= own.FLOOR
    assert said[1].label == "unsure" and said[1].likeliest in ("billing", "delivery")


def test_the_least_sure_come_first_and_once():
    said = [
        own.Said(text, "a", "a", chance) for text, chance in (("x", 0.9), ("y", 0.5), ("y", 0.5), ("z", 0.7))
    ]
    assert [one.text for one in own.least_sure(said, 2)] == ["y", "z"]


def test_files_without_their_columns_are_named(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text("text,other\nhello,1\n", "utf-8")
    with pytest.raises(Refused, match="no column label"):
        own.read_labelled(path)
    assert own.read_texts(path) == ["hello"]
    with pytest.raises(NotFound):
        own.read_texts(tmp_path / "none.csv")


def test_the_card_is_plain_json(tmp_path):
    own.train(PAIRS, tmp_path, "needs")
    assert json.loads((tmp_path / "needs.json").read_text("utf-8"))["kind"].startswith("kernel ridge")


def test_posts_without_labels_are_counted_on_the_card_and_kept_in_the_model(tmp_path):
    posts = [f"word{n % 300} word{(n * 7) % 300} word{(n * 11) % 300}" for n in range(2_400)]
    card = own.train(PAIRS, tmp_path, "needs", posts)
    made, again = load(tmp_path, "needs")
    assert (
        card["posts"] == again["posts"] == 2_400
        and made.company is not None
        and len(made.company.words) >= 300
    )
    assert own.judge(["my parcel is late and lost"], tmp_path, "needs")[0].label == "delivery"
    assert "company that words keep" in card["kind"]
    plain = own.train(PAIRS, tmp_path, "plain")
    assert load(tmp_path, "plain")[0].company is None and "company" not in plain["kind"]


def test_more_posts_without_labels_than_are_learnt_from_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "MOST_POSTS", 3)
    with pytest.raises(Refused, match="give 3 at most"):
        own.train(PAIRS, tmp_path, "needs", ["a post"] * 4)


def test_a_model_of_an_earlier_shape_is_to_be_trained_again(tmp_path):
    made = fit([text for text, _ in PAIRS], [label for _, label in PAIRS])
    save(made, tmp_path, "needs", {"floor": 0.6})
    arrays = dict(np.load(tmp_path / "needs.npz"))
    arrays["mean"] = arrays.pop("offset")
    np.savez_compressed(tmp_path / "needs.npz", **arrays)
    card = json.loads((tmp_path / "needs.json").read_text("utf-8"))
    card["sha256"] = hashlib.sha256((tmp_path / "needs.npz").read_bytes()).hexdigest()
    (tmp_path / "needs.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(Refused, match="train it again"):
        load(tmp_path, "needs")
