"""A delivering process for the torture: ``python hand.py DSN HOME CALL``, then a line on stdin for each hand to be forked.
``CALL`` is how many seconds a call may take.

It imports once and forks, so that a hand lives a hundredth of a second after it is asked for and may be killed at
any moment. A hand whose parent is gone ends by itself.
"""

import asyncio
import os
import signal
import sys
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from townhall.channels.mastodon import client as _loaded_before_the_fork  # noqa: F401
from townhall.database.connect import connect
from townhall.flow.delivery import Deliverer, keep_delivering, warm
from townhall.flow.delivery_clients import AccountClients
from townhall.kernel.clock import SECOND, system_clock
from townhall.outbound.logic.journey import Patience
from townhall.vault import open_keys


def haste(call: int) -> Patience:
    """More looks for more disturbances: a look takes a request for every forty posts, and most are cut short by a kill."""
    return Patience(
        call=call * SECOND, lease=call * 3 * SECOND // 2, settle=SECOND // 3, first_pause=SECOND // 20,
        longest_pause=SECOND // 2, looks=4 * int(os.environ.get("TOWNHALL_TORTURE", "200")),
    )  # fmt: skip


class Here(Executor):
    """Does it at once in this very thread, where the mother has compiled everything already."""

    def submit(self, act: Any, /, *args: Any, **more: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(act(*args, **more))
        except Exception as failure:
            done.set_exception(failure)
        return done


async def deliver(dsn: str, home: str, patience: Patience, parent: int) -> None:
    stop = asyncio.Event()

    async def watch() -> None:
        while os.getppid() == parent:  # noqa: ASYNC110 - nothing tells a child that its parent is gone
            await asyncio.sleep(0.2)
        stop.set()

    keys = open_keys(Path(home))
    watching = asyncio.create_task(watch())
    with connect(dsn, "townhall torture") as conn:
        deliverer = Deliverer(
            conn, keys, AccountClients(keys.kek, system_clock), system_clock, patience, pen=Here()
        )
        await keep_delivering(deliverer, stop, tick=0.02, most=2)
    await watching


def main() -> None:
    dsn, home, call = sys.argv[1:]
    patience = haste(int(call))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getpid()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a hand logs is not an answer
    warm()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(deliver(dsn, home, patience, parent))
            os._exit(0)
        print(child, file=answers, flush=True)


if __name__ == "__main__":
    main()
