"""The role ``worker``: takes what came in through the pipeline, for the shards that are its share."""

import os
import threading

from townhall.kernel.clock import system_clock
from townhall.run.lifecycle import stoppable
from townhall.run.migrate import opened
from townhall.run.settings import Settings

BEHIND = 5
"""How much nicer workers are than the door: what comes in is taken first, and what waits is judged with what is left."""


def main(settings: Settings, number: int = 0, of: int = 1) -> None:
    """Works until SIGTERM, then finishes the batch in hand. Worker ``number`` of ``of`` (from 0)."""
    os.nice(BEHIND)
    stop = threading.Event()
    with stoppable(stop.set), opened(settings) as database:
        from townhall.flow.house import House
        from townhall.flow.pipeline import Worker
        from townhall.intake.logic import shards_of_worker
        from townhall.vault import open_keys

        house = House(open_keys(settings.home))
        Worker(database, house, number, shards_of_worker(number, of), clock=system_clock).run(stop)
