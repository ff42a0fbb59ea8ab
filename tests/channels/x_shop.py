"""Our own account on the X of tests: a client for it, and the clock it reads."""

from townhall.channels.port import AccountRef, AccountSettings
from townhall.channels.x.client import XClient
from townhall.kernel.clock import SECOND

SHOP = AccountRef(1, "shop", "1001", "x")


class Hand:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 1_772_359_200 * SECOND

    def __call__(self) -> int:
        return self.now


def client_for(url: str, clock: Hand, **changes: object) -> XClient:
    settings = AccountSettings(account=SHOP, base_url=url, token="token-1001", **changes)  # type: ignore[arg-type]
    return XClient(settings, clock)
