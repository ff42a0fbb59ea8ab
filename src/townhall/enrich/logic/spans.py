"""Spans of a text that mean something: how findings are ordered and how overlaps are settled."""

from collections.abc import Iterable

from townhall.kernel.finding import Finding

_RANK = {
    kind: rank
    for rank, kind in enumerate(
        ("secret", "password", "card", "iban", "national_id", "email", "ip", "birth_date", "phone", "address")
    )
}


def settle(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in order of place; where two overlap the graver kind stays, then the longer, then the earlier."""
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda f: (_RANK[f.kind], f.start - f.end, f.start)):
        if all(finding.end <= other.start or finding.start >= other.end for other in kept):
            kept.append(finding)
    return tuple(sorted(kept, key=lambda f: f.start))


def merge(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that overlap or touch, as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
