"""A pretend network in this process: keeps what reaches it, fails as told, and can be read back or not."""

from collections.abc import Callable, Iterable
from typing import Any

from townhall.channels.port import Deed, Outgoing, Receipt
from townhall.kernel.clock import Instant
from townhall.kernel.errors import ChannelUnavailable


class Network:
    """``fates`` happen to sends in order, then all goes well: ``lost`` (never arrives, unclear), ``swallowed`` (arrives,
    unclear), ``away`` (certainly not taken), ``no`` (refused for good), ``crash`` (the client itself fails)."""

    def __init__(self, fates: Iterable[str] = (), *, readable: bool = True, pause_until: Instant = 0) -> None:
        self.posts: list[Outgoing] = []
        self.deeds: list[Deed] = []
        self.requests = 0
        self.looks = 0
        self.fates = iter(fates)
        self.readable = readable
        self.pause_until = pause_until

    async def send(self, out: Outgoing) -> Receipt:
        self.meet(lambda: self.posts.append(out))
        return self.receipt(out)

    async def act(self, deed: Deed) -> Receipt:
        self.meet(lambda: self.deeds.append(deed))
        return Receipt(f"d{len(self.deeds)}", "", 1_767_614_400_000_000)

    def meet(self, take: Callable[[], None]) -> None:
        self.requests += 1
        fate = next(self.fates, "well")
        if fate in ("well", "swallowed"):
            take()
        if fate in ("lost", "swallowed"):
            raise ChannelUnavailable("the line broke", ambiguous=True)
        if fate == "away":
            raise ChannelUnavailable("nobody there", retry_at=self.pause_until)
        if fate == "no":
            raise ChannelUnavailable("not allowed", permanent=True)
        if fate == "crash":
            raise RuntimeError("a mistake of the adapter")

    async def find_sent(
        self, out: Outgoing, since: Instant, known: frozenset[str] = frozenset()
    ) -> Receipt | None:
        self.looks += 1
        if not self.readable:
            raise ChannelUnavailable("cannot be read back", permanent=True, ambiguous=True)
        for post in self.posts:
            receipt = self.receipt(post)
            if (post.text, post.in_reply_to) == (
                out.text,
                out.in_reply_to,
            ) and receipt.native_id not in known:
                return receipt
        return None

    def receipt(self, out: Outgoing) -> Receipt:
        return Receipt(f"p{self.posts.index(out)}", "https://network.example/p", 1_767_614_400_000_000)

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.posts]


class OneNetwork:
    """``Clients`` that give the same network for every account."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def of(self, conn: Any, account_id: int) -> Any:
        return self.network

    async def close(self) -> None:
        return None
