"""What a rule promises: working time by metric, who keeps the promise, which pauses count, and when it is at risk.

::

    targets:
      first_response: 30m
      next_response: {within: 2h, satisfied_by: [person], counts: approved}
      resolution: {within: 16h, pauses: [customer, third_party]}
      satisfied_by: [person, ai]
      pauses: [customer]
      at_risk: [75%, 10m]
      by:
        - {priority: urgent, first_response: 10m}
        - {channel: private, tier: gold, first_response: 5m, next_response: 30m}

``satisfied_by``, ``counts`` and ``pauses`` hold for every metric that does not name its own. A row of ``by`` holds where all
it names fits; where several rows promise the same metric, the shortest holds, and where none does, the targets above.
The order of rows never matters. What is not promised has no clock.
"""

import re
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from townhall.kernel.clock import HOUR, MINUTE, SECOND, Instant
from townhall.policy.logic.located import Located

METRICS = (
    "first_response", "next_response", "periodic_update", "requester_wait", "agent_work", "resolution",
    "group_ownership", "community_answer",
)  # fmt: skip
RESPONSES = ("first_response", "next_response")
"""Metrics that every pipeline step can follow; the others are folded from the whole case."""

WHO = ("person", "ai", "automation", "outside")
"""Who answers: somebody of the staff, a machine's own words, a schedule or rule, or the network's own app."""

COUNTS = ("sent", "approved", "submitted")
"""The moment of an answer that keeps a promise: it is out, it was approved, it was handed in for approval."""

CAUSES = ("customer", "approval", "third_party", "outage")
"""Causes of a pause that a policy may let count."""

CHANNELS = ("public", "private")
"""Classes of channel: everybody can read the post, or only who it is for."""

_DURATION = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)
_TERMS = ("satisfied_by", "counts", "pauses")
_WHERE = ("priority", "channel", "tier")
_MOST_ROWS = 64


class Promised(Struct, frozen=True, gc=False):
    """One metric's promise: working time (microseconds), who keeps it (empty: anybody), by which moment, which pauses count."""

    within: Instant
    satisfied_by: tuple[str, ...] = ()
    counts: str = "sent"
    pauses: tuple[str, ...] = ()


class Level(Struct, frozen=True, gc=False):
    """When a promise is at risk: ``used`` percent of its working time are gone (0: not asked), or only ``left`` is left."""

    used: int = 0
    left: Instant = 0

    @property
    def name(self) -> str:
        """As it is written: ``75%``, ``10m``."""
        return f"{self.used}%" if self.used else in_words(self.left)


class Row(Struct, frozen=True):
    """Promises for some cases only; "" fits any."""

    priority: str
    channel: str
    tier: str
    promised: tuple[tuple[str, Promised], ...]

    def fits(self, priority: str, channel: str, tier: str) -> bool:
        """Whether a case of that kind is meant."""
        return self.priority in ("", priority) and self.channel in ("", channel) and self.tier in ("", tier)


class Targets(Struct, frozen=True):
    """Everything a rule promises. ``at_risk`` empty: the house's own level (15 minutes before)."""

    promised: tuple[tuple[str, Promised], ...] = ()
    rows: tuple[Row, ...] = ()
    at_risk: tuple[Level, ...] = ()

    def among(self, priority: str, channel: str, tier: str) -> dict[str, Promised]:
        """What is promised to a case of that kind, by metric."""
        special: dict[str, Promised] = {}
        for row in self.rows:
            if row.fits(priority, channel, tier):
                for metric, promised in row.promised:
                    if metric not in special or promised.within < special[metric].within:
                        special[metric] = promised
        return dict(self.promised) | special

    def metrics(self) -> frozenset[str]:
        """Every metric that is promised to somebody."""
        rows = (one for row in self.rows for one in row.promised)
        return frozenset(metric for metric, _ in (*self.promised, *rows))

    def within(self, metric: str, priority: str = "", channel: str = "", tier: str = "") -> Instant:
        """The working time promised for a metric, 0 for none."""
        found = self.among(priority, channel, tier).get(metric)
        return found.within if found else 0

    def is_plain(self) -> bool:
        """Whether it promises answers alone, to everybody alike, by anybody, without pauses: the quick way's kind."""
        return not (self.rows or self.at_risk) and all(
            metric in RESPONSES and promised == Promised(promised.within)
            for metric, promised in self.promised
        )


def read_targets(node: Located | None) -> Targets:
    """The targets of a document. Raises ``Refused`` with line, column and what to do."""
    fields = node.mapping((*METRICS, *_TERMS, "at_risk", "by")) if node else {}
    shared = _terms(fields, Promised(0))
    rows = fields["by"].rows() if "by" in fields else []
    if len(rows) > _MOST_ROWS:
        fields["by"].refuse(f"at most {_MOST_ROWS} rows")
    levels = fields["at_risk"].rows() if "at_risk" in fields else []
    return Targets(
        _promises(fields, shared),
        tuple(_row(row, shared) for row in rows),
        tuple(_level(level) for level in levels),
    )


def _promises(fields: dict[str, Located], shared: Promised) -> tuple[tuple[str, Promised], ...]:
    return tuple((metric, _promise(fields[metric], shared)) for metric in METRICS if metric in fields)


def _promise(node: Located, shared: Promised) -> Promised:
    if not node.is_mapping():
        return replace(shared, within=read_duration(node))
    fields = node.mapping(("within", *_TERMS), needed=("within",))
    return replace(_terms(fields, shared), within=read_duration(fields["within"]))


def _terms(fields: dict[str, Located], shared: Promised) -> Promised:
    changed: dict[str, Any] = {}
    if "satisfied_by" in fields:
        changed["satisfied_by"] = _choices(fields["satisfied_by"], WHO)
    if "pauses" in fields:
        changed["pauses"] = _choices(fields["pauses"], CAUSES)
    if "counts" in fields:
        changed["counts"] = _choice(fields["counts"], COUNTS)
    return replace(shared, **changed)


def _row(node: Located, shared: Promised) -> Row:
    fields = node.mapping((*_WHERE, *METRICS, *_TERMS))
    if not any(name in fields for name in _WHERE):
        node.refuse(f"say for which cases: {', '.join(_WHERE)}")
    promised = _promises(fields, _terms(fields, shared))
    if not promised:
        node.refuse(f"say what is promised to them: {', '.join(METRICS)}")
    return Row(
        _choice(fields["priority"], ("urgent", "high", "normal", "low")) if "priority" in fields else "",
        _choice(fields["channel"], CHANNELS) if "channel" in fields else "",
        fields["tier"].text() if "tier" in fields else "",
        promised,
    )


def _level(node: Located) -> Level:
    text = node.text()
    if not text.endswith("%"):
        return Level(left=read_duration(node))
    if not text[:-1].isdecimal() or not 1 <= int(text[:-1]) <= 99:
        node.refuse("a share of the working time from 1% to 99%, or a time left such as 10m, is needed")
    return Level(used=int(text[:-1]))


def _choices(node: Located, allowed: tuple[str, ...]) -> tuple[str, ...]:
    chosen = {_choice(row, allowed) for row in node.rows()}
    return tuple(name for name in allowed if name in chosen)


def _choice(node: Located, allowed: tuple[str, ...]) -> str:
    if node.text() not in allowed:
        node.refuse(f"{node.text()} is not known; choose one of {', '.join(allowed)}")
    return node.text()


def channel_class(visibility: str) -> str:
    """The class of channel that targets speak of."""
    return "public" if visibility in ("public", "unlisted") else "private"


def read_duration(node: Located) -> Instant:
    """Working time as it is written. Raises ``Refused`` for none at all."""
    found = _DURATION.fullmatch(node.text())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    total = hours * HOUR + minutes * MINUTE + seconds * SECOND
    if not total:
        node.refuse(
            "working time such as 30m, 4h, 1h30m or 15s is needed (a day is not: write its working hours)"
        )
    return total


def in_words(span: Instant) -> str:
    """A span of whole seconds as a document writes it: ``1h30m``."""
    hours, rest = divmod(span, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    parts = ((hours, "h"), (minutes, "m"), (seconds // SECOND, "s"))
    return "".join(f"{value}{unit}" for value, unit in parts if value) or "0s"
