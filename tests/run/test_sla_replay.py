"""The replay of a service desk's log, on a log of our own making whose terms are known."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from townhall.kernel.errors import NotFound
from townhall.run.bench.sla_replay import FILE, sla_replay

_HEAD = "number,ident_state,reopen_count,made_sla,opened_at,sys_updated_at,priority,resolved_at,closed_at\n"


def _log(folder: Path, more: Sequence[str] = ()) -> None:
    """Hours of weekdays around the clock, eight hours, ended by resolving; waiting for the user stops it."""
    lines = []
    for n in range(1, 121):
        hour, took, wait = n % 9, n // 2 % 16, 5 if n % 3 == 0 else 0
        opened, done = f"{1 + n % 5}/2/2016 0{hour}:00", f"{1 + n % 5}/2/2016 {hour + took + wait:02}:00"
        if hour + took + wait > 23:
            continue
        met = "true" if took <= 8 else "false"
        if wait:
            lines += [f"{n},Awaiting User Info,0,{met},{opened},{opened},3,{done},{done}"]
            back = f"{1 + n % 5}/2/2016 {hour + wait:02}:00"
            lines += [f"{n},Active,0,{met},{opened},{back},3,{done},{done}"]
        lines += [f"{n},Closed,0,{met},{opened},{done},3,{done},6/2/2016 10:00"]
    lines += more
    path = folder / FILE
    path.parent.mkdir()
    with gzip.open(path, "wt") as file:
        file.write(_HEAD + "\n".join(lines) + "\n")


def test_terms_that_are_there_are_found(tmp_path: Path) -> None:
    _log(tmp_path)
    found = sla_replay(tmp_path, lambda done, total: None)
    assert (
        found["terms"]["stops_for"] == "waiting for the customer"
        and found["terms"]["ends_when"] == "resolved"
    )
    assert found["limits_hours"] == {"3": 8.0}
    assert found["agreement"] == 1.0 and found["differences"] == {}
    assert found["always_the_commoner"] < 0.9


def _odd(number: int, *, done: str = "13:00", met: str = "true", **how: str) -> list[str]:
    """One incident that the terms do not explain: opened at one, resolved after twelve hours of eight, and yet in time.
    ``was`` is its state and ``first`` its priority before the last row."""
    opened = f"2/2/2016 {how.get('at', '01:00')}"
    ends = f"{how.get('day', '2')}/2/2016 {done}" if done else "?"
    end = f"{ends},{how.get('closed', f'7/2/2016 10:{number % 60:02}')}"
    reopened = how.get("reopened", "0")
    before = f"{number},{how.get('was', 'New')},0,{met},{opened},{opened},{how.get('first', '3')},{end}"
    back = f"{number},Active,0,{met},{opened},2/2/2016 02:00,3,{end}"
    return [before, back, f"{number},Closed,{reopened},{met},{opened},{opened if not done else ends},3,{end}"]


WAITS = "Awaiting User Info"


def test_each_difference_is_put_in_the_first_class_that_fits(tmp_path: Path) -> None:
    """Even numbers are not learnt from, so that none of these moves the terms."""
    _log(tmp_path, [
        *_odd(1000, done="", first="2"), *_odd(1002, first="2", reopened="1"),
        *_odd(1004, reopened="1", closed="6/2/2016 10:00"), *_odd(1006, closed="6/2/2016 10:00", at="16:00", day="3"),
        *_odd(1008, at="15:00", day="3", was=WAITS), *_odd(1010, done="09:20"), *_odd(1012, done="10:20", was=WAITS),
        *_odd(1014, was=WAITS), *_odd(1016), *_odd(1018, done="03:00", met="false"),
    ])  # fmt: skip
    found = sla_replay(tmp_path, lambda done, total: None)
    assert found["limits_hours"] == {"3": 8.0} and found["unexplained"] == 2
    assert found["differences"] == {
        "closed with many others in one minute: the desk's own job was late": {"we say missed": 1},
        "never ended in the log": {"we say missed": 1},
        "no reason in the log": {"we say met": 1, "we say missed": 1},
        "opened again": {"we say missed": 1},
        "opened late in the day: the desk's day ends before ours": {"we say missed": 1},
        "priority changed on the way": {"we say missed": 1},
        "waited for somebody": {"we say missed": 1},
        "within a twentieth of the limit": {"we say missed": 2},
    }


def test_a_missing_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="--sets"):
        sla_replay(tmp_path, lambda done, total: None)
