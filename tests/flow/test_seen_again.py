"""Which posts of ours the network has shown: those that came a second time, and no others."""

from types import SimpleNamespace
from typing import Any

from townhall.flow.gather import seen_again


def came(native: str, *, own: bool, account: int = 3) -> Any:
    return SimpleNamespace(
        act=SimpleNamespace(own=own, object_id=native), block=SimpleNamespace(account_id=account)
    )


def test_only_our_own_repeats_were_seen() -> None:
    first, again, theirs, new = (
        came("1", own=True),
        came("2", own=True),
        came("3", own=False),
        came("4", own=True),
    )
    assert seen_again([first, again, theirs, new], [first, new]) == [(3, "2")]
    assert seen_again([first], [first]) == [] == seen_again([theirs], [])
