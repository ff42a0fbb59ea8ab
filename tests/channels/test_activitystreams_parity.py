"""Two ways to read one thing: the short way, the long way and an oracle that shares no code must agree."""

import gzip
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from townhall.channels.activitystreams.parse import NOBODY, conversation_key, parse, parse_fully
from townhall.channels.activitystreams.plain import plain
from townhall.channels.port import AccountRef
from townhall.kernel.activity import Activity
from townhall.kernel.errors import Refused

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ROOT = Path(os.environ.get("TOWNHALL_DATASETS", Path(__file__).parents[2] / "../shared/data"))
REAL = ROOT / "twcs" / "dev.as2.ndjson.gz"


def oracle(item: dict[str, Any]) -> Activity:
    """A plain public note, read by hand from the standard library's JSON."""
    note, actor = item["object"], item["actor"]
    at = datetime.fromisoformat(note["published"])
    micro = int(at.timestamp()) * 1_000_000 + at.microsecond
    return Activity(
        verb="Create", object_id=note["id"], author_id=actor["id"], author_handle=actor["preferredUsername"],
        author_kind=actor["type"], own=actor["type"] == "Organization", published=micro, happened=micro,
        text=note["content"], conversation=note.get("context", ""), in_reply_to=note.get("inReplyTo", ""),
        mentions=tuple(tag["name"].removeprefix("@") for tag in note["tag"]),
    )  # fmt: skip


WORDS = st.text(min_size=1, max_size=12)
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).map(lambda t: t.isoformat(timespec="milliseconds") + "Z")  # fmt: skip


@st.composite
def notes(draw: st.DrawFn) -> dict[str, Any]:
    note = {
        "id": draw(WORDS), "type": "Note", "published": draw(TIMES), "mediaType": "text/plain", "content": draw(st.text()),
        "to": [PUBLIC], "tag": draw(st.lists(st.builds(lambda n: {"type": "Mention", "name": n}, WORDS), max_size=3)),
    }  # fmt: skip
    note |= draw(st.dictionaries(st.sampled_from(["context", "inReplyTo"]), WORDS))
    kind = draw(st.sampled_from(["Person", "Organization", "Service"]))
    actor = {"id": draw(WORDS), "type": kind, "preferredUsername": draw(WORDS)}
    return {"type": "Create", "actor": actor, "to": [PUBLIC], "object": note}


@settings(max_examples=200, deadline=None)
@given(notes())
def test_the_short_way_the_long_way_and_the_oracle_agree(item: dict[str, Any]) -> None:
    raw = json.dumps(item).encode()
    long = parse_fully(raw, NOBODY)
    short = plain(raw, NOBODY)
    assert short is None or [short] == long
    if "\x00" not in json.loads(raw)["object"]["content"] and b"\\u0000" not in raw:
        assert long == [oracle(item)]
        assert short is not None or len(raw) > 2048
    assert conversation_key(raw) == long[0].conversation_key()


EXTRAS = st.dictionaries(
    st.sampled_from(["cc", "to", "summary", "name", "attachment", "url", "contentMap", "updated", "mediaType", "type",
                     "inReplyTo", "context", "published", "tag", "sensitive", "id"]),
    st.sampled_from([None, "", [], [PUBLIC], "https://s.example/1", {"en": "x"}, "text/html", "Article", 5,
                     [{"type": "Image", "url": "https://m.example/1"}], [{"type": "Mention", "name": "@"}]]),
    min_size=1, max_size=2,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(notes(), EXTRAS, st.sampled_from(["object", "actor", None]))
def test_the_short_way_never_overlooks_what_the_long_way_sees(
    item: dict[str, Any], extra: dict[str, Any], where: str | None
) -> None:
    (item if where is None else item[where]).update(extra)
    raw, account = (
        json.dumps(item).encode(),
        AccountRef(1, "x", item["actor"].get("id") or "", "activitystreams"),
    )
    short = plain(raw, account)
    try:
        long = parse_fully(raw, account)
    except Refused:
        long = []
    assert short is None or [short] == long


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("object", {"mediaType": "text/html", "content": "a<br>b"}),
        ("object", {"to": []}),
        ("object", {"to": ["https://s.example/ann"]}),
        ("object", {"summary": "Careful"}),
        ("object", {"type": "Question"}),
        ("object", {"attachment": [{"url": "https://m.example/1"}]}),
        ("object", {"published": "1969-12-31T23:59:59Z"}),
        ("object", {"id": ""}),
        ("actor", {"name": "Ann Example"}),
        ("actor", {"type": "Group"}),
        (None, {"type": "Update"}),
    ],
)
def test_what_is_not_plain_takes_the_long_way(where: str | None, change: dict[str, Any]) -> None:
    note = {
        "id": "n",
        "type": "Note",
        "published": "2026-01-01T00:00:00Z",
        "mediaType": "text/plain",
        "content": "x",
        "to": [PUBLIC],
    }
    item: dict[str, Any] = {
        "type": "Create",
        "actor": {"id": "a", "type": "Person", "preferredUsername": "a"},
        "object": note,
    }
    assert plain(json.dumps(item).encode(), NOBODY) is not None
    (item if where is None else item[where]).update(change)
    assert plain(json.dumps(item).encode(), NOBODY) is None


@pytest.mark.skipif(not REAL.is_file(), reason="the real traffic is not among the data sets")
def test_real_traffic_is_read_whole_and_by_the_short_way() -> None:
    lines = gzip.decompress(REAL.read_bytes()).splitlines()[::7]
    expected = [oracle(json.loads(line)) for line in lines]
    assert [parse(line)[0] for line in lines] == expected
    assert [parse_fully(line, NOBODY)[0] for line in lines] == expected
    assert [conversation_key(line) for line in lines] == [one.conversation_key() for one in expected]
    assert sum(plain(line, NOBODY) is not None for line in lines) > 0.99 * len(lines)
