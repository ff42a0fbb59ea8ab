"""The benchmark of understanding on folders that are laid out alike, and on those that are not quite."""

import csv
import gzip
import random

import pytest

from townhall.enrich.sets import file_of, messages, rows
from townhall.kernel.errors import NotFound
from townhall.run.bench.understanding import bench_understanding


def write(folder, name, found, columns):
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / name, "wt", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(found)


SPAM = [
    {"id": n, "label": "spam" if n % 3 == 0 else "ham", "text": f"win a prize {n} now" if n % 3 == 0 else f"see you at {n}"}
    for n in range(90)
]  # fmt: skip


def test_a_file_of_another_prefix_is_found_and_ours_goes_first(tmp_path):
    write(tmp_path / "sms_spam", "held.messages.csv.gz", SPAM, ["id", "label", "text"])
    assert file_of(tmp_path, "sms_spam", "messages.csv.gz").name == "held.messages.csv.gz"
    assert len(list(rows(tmp_path, "sms_spam", "messages"))) == 90
    write(tmp_path / "sms_spam", "dev.messages.csv.gz", SPAM[:9], ["id", "label", "text"])
    assert len(list(rows(tmp_path, "sms_spam", "messages"))) == 9


def test_several_files_that_could_be_meant_are_named(tmp_path):
    for name in ("a.messages.csv.gz", "b.messages.csv.gz"):
        write(tmp_path / "sms_spam", name, SPAM, ["id", "label", "text"])
    with pytest.raises(NotFound, match=r"a\.messages\.csv\.gz, b\.messages"):
        file_of(tmp_path, "sms_spam", "messages.csv.gz")


def test_messages_learnt_from_and_measured_on_are_never_the_same(tmp_path):
    write(tmp_path / "sms_spam", "dev.messages.csv.gz", [*SPAM, *SPAM], ["id", "label", "text"])
    learnt, kept = messages(tmp_path, "train"), messages(tmp_path, "test")
    assert not {text for text, _ in learnt} & {text for text, _ in kept}
    assert len(learnt) + len(kept) == 180 and kept


def test_missing_and_misshapen_sets_are_named_and_the_rest_is_measured(tmp_path):
    write(tmp_path / "sms_spam", "x.messages.csv.gz", SPAM, ["id", "label", "text"])
    write(tmp_path / "hatecheck", "dev.cases.csv.gz", [{"other": 1}], ["other"])
    found = bench_understanding(tmp_path, ("sms_spam", "hatecheck", "airline_sentiment", "surge"))
    assert found["sms_spam"]["trained"] > 0.9 and found["sms_spam"]["rows"] == 90
    assert "airline_sentiment is not in" in found["airline_sentiment"]["missing"]
    assert "nab_tweets is not in" in found["surge"]["missing"]
    assert found["hatecheck"]["failed"].startswith("KeyError")
    for entry in found.values():
        assert {"metric", "shipped", "trained", "us", "calibration_error", "rows"} <= entry.keys()


def test_two_processes_find_what_one_finds_and_say_where_they_are(tmp_path):
    write(tmp_path / "sms_spam", "x.messages.csv.gz", SPAM, ["id", "label", "text"])
    told = []
    one = bench_understanding(tmp_path, ("sms_spam",), told.append)["sms_spam"]
    two = bench_understanding(tmp_path, ("sms_spam",), processes=2)["sms_spam"]
    timed = {"us", "seconds", "shipped_us"}
    assert {k: v for k, v in one.items() if k not in timed} == {
        k: v for k, v in two.items() if k not in timed
    }
    assert told[:2] == ["sms_spam, as shipped", "sms_spam, trained"]
    assert told[2:] == [f"sms_spam: f1 shipped {one['shipped']}, trained {one['trained']}"]
    assert one["floor"] == 0.6 and 0 < one["sure"] <= 1 and "shipped_f1" in one


def test_what_is_in_no_class_is_counted_apart(tmp_path):
    chance = random.Random(3)
    kinds = {"pay": "bill pay money", "fly": "flight seat bag", "eat": "menu table dish"}
    found = [
        {"intent": kind, "text": f"{chance.choice(words.split())} {chance.choice(words.split())} {n}"}
        for n in range(40)
        for kind, words in kinds.items()
    ]
    found += [
        {"intent": "oos", "text": f"zebra{n} {chance.choice(('cloud', 'violin'))} moon{n}"} for n in range(20)
    ]
    write(tmp_path / "clinc150", "dev.utterances.csv.gz", found, ["intent", "text"])
    entry = bench_understanding(tmp_path, ("clinc150",))["clinc150"]
    assert entry["trained"] == entry["in_scope_accuracy"] > 0.95 and entry["out_of_scope_recall"] > 0.8
