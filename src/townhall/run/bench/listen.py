"""``townhall bench listen``: how much of a firehose the listening front takes, and whether anything is missed or lost.

The posts come on standard input, or are made here when that is a terminal. What it costs is counted around the front
alone; then the spool is read back, and the slow exact matcher is asked about the same posts.
"""

import hashlib
import os
import resource
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from townhall.flow.listening import Front, Taken, follow
from townhall.intake.logic.listening import Ear
from townhall.intake.spool import Place, Spool, frames
from townhall.kernel.clock import system_clock
from townhall.run.bench.listen_oracle import Exact
from townhall.run.bench.listen_signs import thousand_signs
from townhall.run.bench.posts import blocks

CHECKED = 100_000
"""Posts that the slow matcher is asked about, spread over all."""
_KEK = bytes(32)
_KILLED_POSTS = 300_000


def bench_listen(home: Path, source: int | None, count: int) -> dict[str, Any]:
    """Listens to a file descriptor until its end, or to ``count`` posts made here. ``cores`` is CPU of this process by
    seconds of the run; ``lost`` counts posts that were acknowledged and are not in the spool, also after a kill."""
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="listen", dir=home) as folder:
        spool = Path(folder) / "spool"
        found, taken = _measure(spool, source, count)
        if not taken.posts:
            found, taken = _measure(spool, None, count)
        kept, seen = _read_back(spool)
        recall, precision, checked = _judge(spool, kept)
        lost = taken.posts - kept + _lost_by_kill(Path(folder))
        return found | {
            "recall": recall,
            "lost": lost,
            "precision": precision,
            "checked": checked,
            "hits": seen,
        }


def _measure(spool: Path, source: int | None, count: int) -> tuple[dict[str, Any], Taken]:
    taken = [Taken()]
    ear = Ear(thousand_signs())
    ear.hear(["ready?"])
    made = None if source is not None else subprocess.Popen(_maker(count), stdout=subprocess.PIPE)
    file = source if source is not None else made.stdout.fileno()  # type: ignore[union-attr]
    front = Front(ear, Spool(spool, _KEK), system_clock, lambda now: taken.append(now))
    began, cpu = _begin(file)
    follow(file, front)
    front.close()
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    if made:
        made.wait()
    posts = taken[-1].posts
    return {
        "posts_per_s": round(posts / seconds, 1), "cores": round(used / seconds, 3), "posts": posts,
        "cpu_us_per_post": round(used / max(posts, 1) * 1e6, 2), "seconds": round(seconds, 3),
        "mb_per_s": round(taken[-1].bytes / seconds / 1e6, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }, taken[-1]  # fmt: skip


def piped() -> int | None:
    """Standard input's descriptor when posts come from there: a pipe or a file, not a terminal or nothing at all."""
    try:
        kind = os.fstat(0).st_mode
    except OSError:
        return None
    return 0 if stat.S_ISFIFO(kind) or stat.S_ISREG(kind) or stat.S_ISSOCK(kind) else None


def _begin(file: int) -> tuple[float, float]:
    """The clocks at the moment when the first byte is there: whoever makes the posts may take a while to start."""
    select.select([file], [], [])
    return time.perf_counter(), time.process_time()


def _maker(count: int) -> list[str]:
    return [sys.executable, "-m", "townhall.run.bench.posts", str(count)]


def _read_back(spool: Path) -> tuple[int, int]:
    posts = hits = 0
    for frame in frames(spool, Place()):
        if frame.lines(_KEK).count(b"\n") == frame.posts and frame.posts_before == posts:
            posts, hits = posts + frame.posts, hits + len(frame.hits)
    return posts, hits


def _judge(spool: Path, posts: int) -> tuple[float, float, int]:
    exact = Exact([(sign.text, sign.sure) for sign in thousand_signs()])
    step = max(1, posts // CHECKED)
    both = ours = theirs = checked = 0
    for line, handed in _sampled(spool, step):
        checked += 1
        matters = exact.matters(line)
        both, ours, theirs = both + (matters and handed), ours + handed, theirs + matters
    return (both / theirs if theirs else 1.0), (both / ours if ours else 1.0), checked


def _sampled(spool: Path, step: int) -> Iterator[tuple[bytes, bool]]:
    number = 0
    for frame in frames(spool, Place()):
        hits = set(frame.hits)
        for place, line in enumerate(frame.lines(_KEK).splitlines()):
            if number % step == 0:
                yield line, place in hits
            number += 1


def _lost_by_kill(folder: Path) -> int:
    """A front of its own process is killed in the middle; every line that it acknowledged must be in its spool."""
    place, source = folder / "killed", folder / "posts.ndjson"
    with source.open("wb") as out:
        for block in blocks(_KILLED_POSTS):
            out.write(block)
    asked = [sys.executable, "-m", "townhall.run.bench.listen", str(place)]
    with source.open("rb") as posts, subprocess.Popen(asked, stdin=posts, stdout=subprocess.PIPE) as child:
        assert child.stdout
        acknowledged = 0
        for line in child.stdout:
            acknowledged = int(line)
            if acknowledged >= _KILLED_POSTS // 3:
                child.send_signal(signal.SIGKILL)
                break
        for line in child.stdout:
            acknowledged = int(line) if line.endswith(b"\n") else acknowledged
    kept = b"".join(frame.lines(_KEK) for frame in frames(place, Place()))
    same = hashlib.sha256(kept).digest() == hashlib.sha256(_first(source, len(kept))).digest()
    return max(0, acknowledged - (kept.count(b"\n") if same else 0))


def _first(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _tell(taken: Taken) -> None:
    os.write(1, b"%d\n" % taken.posts)


if __name__ == "__main__":
    _front = Front(Ear(thousand_signs()), Spool(Path(sys.argv[1]), _KEK), system_clock, _tell)
    follow(0, _front)
    _front.close()
