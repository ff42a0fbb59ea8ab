"""Files packed in every way: read whole, or with an error that names the line; a replay keeps the posts' own pace."""

import gzip
import json
import time
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.test_whole import peak, zstandard_bomb
from tests.flow.parish import KEYS, Parish, act, post
from townhall.database import Database
from townhall.database.connect import connect
from townhall.flow import importing, packed_files
from townhall.flow.handed_in import check_head
from townhall.flow.receive import why_unread
from townhall.intake.store import Account
from townhall.kernel.errors import Refused

LINES = [b"one\n", b"two\n", b"\n", b"three"]
PLAIN = b"".join(LINES)
ACCOUNT = Account(1, 1, "activitystreams", "import", "")


def packed(kind: str, plain: bytes) -> bytes:
    half = len(plain) // 2
    zst = zstandard.ZstdCompressor().compress
    return {
        "gz": lambda: gzip.compress(plain),
        "gz twice": lambda: gzip.compress(plain[:half]) + gzip.compress(plain[half:]),
        "zst": lambda: zst(plain),
        "zst twice": lambda: zst(plain[:half]) + zst(plain[half:]),
        "plain": lambda: plain,
    }[kind]()


def written(folder: Path, kind: str, raw: bytes) -> Path:
    path = folder / f"posts.ndjson.{kind.split()[0]}"
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("kind", ["plain", "gz", "gz twice", "zst", "zst twice"])
def test_every_packing_gives_the_same_lines(tmp_path: Path, kind: str) -> None:
    assert list(packed_files.lines(written(tmp_path, kind, packed(kind, PLAIN)), 4096)) == LINES


def test_a_frame_of_sixteen_kilobytes_does_not_unpack_to_half_a_gigabyte_at_once(tmp_path: Path) -> None:
    bomb = zstandard_bomb(1 << 29)
    assert len(bomb) < 1 << 15
    before = peak()
    with packed_files.opened(written(tmp_path, "zst", bomb)) as stream:
        assert stream.read(4096) == b"A" * 4096
    with pytest.raises(Refused, match="no activities"):
        check_head(bomb, ACCOUNT)
    assert peak() - before < 100


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(st.binary(max_size=400_000), st.integers(1, 5))
def test_zstandard_reads_what_the_package_wrote(tmp_path: Path, plain: bytes, frames: int) -> None:
    step = len(plain) // frames + 1
    raw = b"".join(
        zstandard.ZstdCompressor().compress(plain[n : n + step]) for n in range(0, len(plain), step)
    )
    assert b"".join(packed_files.lines(written(tmp_path, "zst", raw), 1 << 20)) == plain


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("harm", ["cut", "changed", "not packed at all"])
def test_a_damaged_file_is_refused_with_its_line_and_not_taken_for_whole(
    tmp_path: Path, kind: str, harm: str
) -> None:
    raw = bytearray(packed(kind, PLAIN * 1000))
    if harm == "cut":
        del raw[len(raw) // 2 :]
    elif harm == "changed":
        raw[-6 if kind == "gz" else 4] ^= 0xFF  # the sum over the bytes; the head of the frame
    else:
        raw[:] = b"no frame of any kind"
    with pytest.raises(Refused, match=r"damaged behind line \d+"):
        list(packed_files.lines(written(tmp_path, kind, bytes(raw)), 4096))


ACTS = [
    post(1, 0, root=1), act("Like", 1, 1, "bea"), act("Like", 1, 2, "cid"), act("Announce", 1, 3, "dan"),
    act("Update", 1, 4, text="why is there still no signal?"), act("Delete", 3, 9), post(2, 5, root=1, parent=1),
    post(3, 8, root=1, parent=2),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["plain", "gz", "zst", "outbox"])
def test_a_file_is_folded_into_the_posts_it_concerns_whatever_its_shape(
    module_database: Database, tmp_path: Path, kind: str
) -> None:
    if kind == "outbox":
        items = [json.loads(one) for one in ACTS]
        path = tmp_path / "outbox.json"
        path.write_text(json.dumps({"type": "OrderedCollection", "orderedItems": items}, indent=1))
    else:
        path = written(tmp_path, kind, packed(kind, b"\n".join([*ACTS, b"not json", b""])))
    with connect(module_database.dsn("owner")) as owner:
        owner.execute(
            "TRUNCATE interaction, revision, post_ledger, pending_act, import_run, delivery_pending, thread, cases"
        )
    with connect(module_database.dsn("worker")) as conn:
        parish, bad = Parish(module_database, conn), []
        run = importing.import_file(
            conn, KEYS, parish.account, path, lambda: parish.now, lambda seen: None,
            lambda line, reason, item: bad.append((line, reason, item)),
        )  # fmt: skip
        parish.work()
        (first, third) = parish.rows(
            "SELECT text, likes, reposts, edited_at IS NOT NULL, deleted_at IS NOT NULL FROM interaction"
            " WHERE native_id IN ('https://n.example/s/1', 'https://n.example/s/3') ORDER BY native_id"
        )
        assert first == ("why is there still no signal?", 2, 1, True, False)
        assert third[4] is True
        assert parish.rows(f"SELECT accepted, folded, duplicates FROM import_run WHERE id = {run}") == [
            (3, 5, 0)
        ]
        assert bad == (
            []
            if kind == "outbox"
            else [(9, why_unread(parish.account, "activitystreams", b"not json"), b"not json")]
        )


def test_a_replay_is_not_quicker_than_its_speed_and_loses_nothing(
    module_database: Database, tmp_path: Path
) -> None:
    path = written(tmp_path, "plain", b"\n".join(post(n, n, root=n) for n in range(100, 104)))
    with connect(module_database.dsn("worker")) as conn:
        parish, began = Parish(module_database, conn), time.monotonic()
        steps: list[int] = []
        importing.import_file(
            conn, KEYS, parish.account, path, lambda: parish.now, lambda seen: steps.append(seen.read),
            lambda *bad: None, speed=600.0,
        )  # fmt: skip
    assert time.monotonic() - began >= 0.3  # three minutes between first and last
    assert steps[-1] == 4 and len(steps) > 1
