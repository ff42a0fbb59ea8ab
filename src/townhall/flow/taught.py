"""Which models of their own the brands have in use, kept in mind by a worker; read anew when one is put to use or taken back."""

from typing import Any

import structlog
from psycopg import Connection

from townhall.enrich.learning.adapted import Adapted
from townhall.enrich.store import models
from townhall.enrich.taught import TaughtHead, TaughtHeads
from townhall.kernel.errors import Refused

_log = structlog.get_logger()


class TaughtBook:
    """``of``: brand → its taught heads, only for brands that have some. A file that is not the one that was kept is refused:
    the shipped model reads that head, and the log says so, until the version is taken back or its file is right again."""

    def __init__(self) -> None:
        self.of: dict[int, TaughtHeads] = {}
        self._models: dict[str, Adapted] = {}
        self._known: list[tuple[int, str, int, str]] = []

    def refresh(self, conn: Connection[Any]) -> None:
        """Reads what is in use. One query, which brings only files that are new; nothing to do while nothing changed."""
        rows = models.in_use(conn, list(self._models))
        known = [row[:4] for row in rows]
        if known == self._known and all(row[3] in self._models for row in rows):
            return
        found: dict[int, dict[str, TaughtHead]] = {}
        for brand, head, number, digest, raw in rows:
            model = self._models.get(digest) or self._open(brand, head, number, digest, raw or b"")
            if model is not None:
                self._models[digest] = model
                found.setdefault(brand, {})[head] = TaughtHead(number, digest, model)
        self.of = {brand: TaughtHeads(heads) for brand, heads in found.items()}
        used = {row[3] for row in known}
        self._models = {digest: model for digest, model in self._models.items() if digest in used}
        self._known = known

    def _open(self, brand: int, head: str, number: int, digest: str, raw: bytes) -> Adapted | None:
        try:
            return Adapted.unpacked(raw, digest)
        except Refused as error:
            if (brand, head, number, digest) not in self._known:
                _log.error("an own model is refused", brand=brand, head=head, number=number, error=str(error))
            return None
