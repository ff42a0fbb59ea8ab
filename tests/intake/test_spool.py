"""The spool keeps what it acknowledged, through kills and torn ends, and notices every changed byte."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from townhall.intake import spool as spools
from townhall.intake.spool import Place, Spool, drop_segments, frames, is_torn, segments
from townhall.kernel.errors import Broken
from townhall.run.bench.posts import blocks

KEK = b"k" * 32


def written(folder: Path, *sizes: int) -> list[bytes]:
    spool, said = Spool(folder, KEK), []
    for number, size in enumerate(sizes):
        lines = b"".join(b'{"n":%d.%d}\n' % (number, place) for place in range(size))
        spool.append(lines, size, range(0, size, 2), 1_000 + number)
        said.append(lines)
    spool.close()
    return said


def kept(folder: Path, after: Place = Place()) -> list[bytes]:
    return [frame.lines(KEK) for frame in frames(folder, after)]


def test_what_goes_in_comes_out_from_any_place(tmp_path: Path) -> None:
    said = written(tmp_path, 3, 1, 5) + written(tmp_path, 2)
    found = list(frames(tmp_path, Place()))
    assert kept(tmp_path) == said and [frame.posts for frame in found] == [3, 1, 5, 2]
    assert found[2].hits == (0, 2, 4) and (found[2].posts_before, found[2].hits_before) == (4, 3)
    for number, frame in enumerate(found):
        assert kept(tmp_path, frame.following) == said[number + 1 :]
    assert segments(tmp_path) == [1, 2] and kept(tmp_path / "none") == []
    assert oct(tmp_path.joinpath("0000000001.spool").stat().st_mode)[-3:] == "600"


def test_a_full_segment_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "SEGMENT", 400)
    said = written(tmp_path, *[9] * 7)
    assert len(segments(tmp_path)) > 2 and kept(tmp_path) == said
    last = list(frames(tmp_path, Place()))[-1].following
    assert drop_segments(tmp_path, last, 0) == 0, "young ones stay"
    before = len(segments(tmp_path))
    assert drop_segments(tmp_path, last, 1 << 62) == before - 1 and segments(tmp_path) == [last.segment]
    assert kept(tmp_path) == said[-len(kept(tmp_path)) :]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(cut=st.integers(0, 400))
def test_a_torn_end_is_no_frame_and_what_follows_is_found(tmp_path: Path, cut: int) -> None:
    for old in tmp_path.glob("*.spool"):
        old.unlink()
    said = written(tmp_path, 4, 4)
    first = next(frames(tmp_path, Place())).following.at
    path = tmp_path / "0000000001.spool"
    os.truncate(path, min(first + cut, path.stat().st_size - 1))
    assert kept(tmp_path) == said[:1]
    more = written(tmp_path, 2)
    assert kept(tmp_path) == said[:1] + more


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_no_changed_byte_is_taken_for_good(tmp_path: Path, at: int, bit: int) -> None:
    for old in tmp_path.glob("*.spool"):
        old.unlink()
    said = written(tmp_path, 4, 4)
    path = tmp_path / "0000000001.spool"
    bytes_ = bytearray(path.read_bytes())
    bytes_[at % len(bytes_)] ^= 1 << bit
    path.write_bytes(bytes_)
    try:
        found = kept(tmp_path)
    except Broken:
        return
    assert found == said[: len(found)] and len(found) < 2


def test_only_the_last_frame_of_a_segment_may_be_torn(tmp_path: Path) -> None:
    written(tmp_path, 4, 4)
    path = tmp_path / "0000000001.spool"
    one, two = frames(tmp_path, Place())
    whole = path.read_bytes()
    path.write_bytes(whole[:-9] + bytes(9))
    assert not is_torn(tmp_path, one, KEK) and is_torn(tmp_path, two, KEK)
    path.write_bytes(whole[: one.following.at - 9] + bytes(9) + whole[one.following.at :])
    assert not is_torn(tmp_path, one, KEK)


@pytest.mark.slow
def test_a_front_that_is_killed_has_what_it_acknowledged(tmp_path: Path) -> None:
    source = tmp_path / "posts.ndjson"
    with source.open("wb") as out:
        for block in blocks(60_000):
            out.write(block)
    rounds = 20 if os.environ.get("TOWNHALL_TORTURE") else 3
    for number in range(rounds):
        folder = tmp_path / str(number)
        asked = [sys.executable, "-m", "townhall.run.bench.listen", str(folder)]
        with (
            source.open("rb") as posts,
            subprocess.Popen(asked, stdin=posts, stdout=subprocess.PIPE) as child,
        ):
            assert child.stdout
            acknowledged = 0
            while acknowledged < 2_000 + number * 2_000 and (line := child.stdout.readline()):
                acknowledged = int(line)
            child.send_signal(signal.SIGKILL)
            acknowledged = max([acknowledged, *map(int, child.stdout.read().split())])
        found = b"".join(frame.lines(bytes(32)) for frame in frames(folder, Place()))
        assert found.count(b"\n") >= acknowledged > 0
        assert source.read_bytes().startswith(found)
