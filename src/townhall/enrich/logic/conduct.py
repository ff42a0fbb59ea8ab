"""What a post does rather than says: abuse, spam, urgency and risky links, with the reasons of each that passes its floor."""

from collections.abc import Mapping, Sequence

import numpy as np

from townhall.enrich.logic.links import Link
from townhall.enrich.logic.reading import Reading

FLOORS = {"abuse": 0.8, "spam": 0.7, "urgent": 0.7, "link": 0.6}
"""Chances from which a post is called so. Below, it is not said: a single rude word is no abuse."""

Of = tuple[float, float, float, float, tuple[str, ...], tuple[str, ...]]
"""Chance of abuse, spam and urgency, risk of the worst link, hosts, reasons."""


class Conduct:
    """Of one batch."""

    def __init__(self, reading: Reading, links: Mapping[int, Sequence[Link]], spam: int) -> None:
        """``links`` by text; ``spam`` is the column of that head."""
        self._reading, self._links, self._column = reading, links, spam
        scores = reading.scores[:, spam].clip(-30, 30)
        self._chances = {
            "abuse": reading.told.chances("abuse"), "spam": 1 / (1 + np.exp(-scores)),
            "urgent": reading.told.chances("urgent"),
        }  # fmt: skip

    def by_text(self) -> list[Of]:
        """In the order of the texts."""
        empty: tuple[str, ...] = ()
        rows: list[Of] = [
            (abuse, spam, urgent, 0.0, empty, empty)
            for abuse, spam, urgent in zip(*(each.tolist() for each in self._chances.values()), strict=True)
        ]
        for place in self._telling():
            rows[place] = self._explained(place, rows[place])
        return rows

    def _telling(self) -> list[int]:
        high = [np.flatnonzero(chance >= FLOORS[head]) for head, chance in self._chances.items()]
        return sorted({*np.concatenate(high).tolist(), *self._links})

    def _explained(self, place: int, row: Of) -> Of:
        links = self._links.get(place, ())
        worst = max(links, key=lambda link: link.risk, default=None)
        signs = [
            self._why(place, head)
            for head, p in zip(self._chances, row[:3], strict=True)
            if p >= FLOORS[head]
        ]
        if worst is not None and worst.risk >= FLOORS["link"]:
            signs.append(f"link: {', '.join(worst.signs)} ({worst.host})")
        hosts = tuple(dict.fromkeys(link.host for link in links))
        return *row[:3], worst.risk if worst is not None else 0.0, hosts, tuple(signs)

    def _why(self, place: int, head: str) -> str:
        if head == "spam":
            return f"spam: its words ({', '.join(self._reading.heaviest(place, self._column))})"
        return self._reading.signs(place, head)
