"""The replay of a service desk's log, on a log of our own making whose terms are known."""

import gzip
from pathlib import Path

import pytest

from townhall.kernel.errors import NotFound
from townhall.run.bench.sla_replay import FILE, sla_replay

_HEAD = "number,ident_state,reopen_count,made_sla,opened_at,sys_updated_at,priority,resolved_at,closed_at\n"


def _log(folder: Path) -> None:
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


def test_a_missing_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="--sets"):
        sla_replay(tmp_path, lambda done, total: None)
