"""Back-test: what another policy would have decided about posts that were judged. Writes nothing."""

import time
from collections.abc import Callable
from typing import Any

from msgspec import to_builtins
from msgspec.structs import asdict
from psycopg import Connection

from townhall.flow.replay import Judged, Window, one, replay
from townhall.policy import store as policies
from townhall.policy.logic import LOOKED_UP, Policy, Verdict, explain, judge, parse_policy
from townhall.policy.logic.compare import Changes, in_minutes
from townhall.policy.logic.counterfactual import otherwise

Told = Callable[[int], None]


class Versions:
    """Policies by version id, each read and compiled once."""

    def __init__(self, conn: Connection[Any]) -> None:
        self._conn = conn
        self._known: dict[int, Policy] = {}
        self._said: dict[tuple[int, str], Verdict] = {}

    def __getitem__(self, version: int) -> Policy:
        if version not in self._known:
            self._known[version] = parse_policy(policies.source(self._conn, version))
        return self._known[version]

    def verdict(self, version: int, rule: str) -> Verdict:
        """What a rule of a version decides ("" for its defaults)."""
        if (version, rule) not in self._said:
            policy = self[version]
            found = next((one.verdict(()) for one in policy.rules if one.id == rule), policy.otherwise)
            self._said[version, rule] = found
        return self._said[version, rule]


def backtest(
    conn: Connection[Any], kek: bytes, policy: Policy, window: Window, told: Told = lambda n: None,
    *, against: Policy | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What would change, with ``interactions_per_s``. Only reads: the transaction is made read-only.

    ``not_looked_up`` are posts of which the policy asks what nobody had looked up when they came; there it sees -1 and "".
    Compared with what was decided then, or with what the policy ``against`` would have decided.
    """
    conn.execute("SET TRANSACTION READ ONLY")
    versions, changes, erased, unasked = Versions(conn), Changes(), 0, 0
    looks = bool(policy.asks & LOOKED_UP)
    began = time.perf_counter()
    for chunk in replay(conn, kek, window):
        contexts = [post.context for post in chunk.posts]
        before = (
            judge(against, contexts)
            if against
            else [versions.verdict(post.policy, post.rule) for post in chunk.posts]
        )
        changes.add(chunk.posts, before, judge(policy, contexts))
        erased += chunk.erased
        unasked += looks and sum(not context.looked_up for context in contexts)
        told(changes.posts)
    seconds = time.perf_counter() - began
    return {
        "interactions": changes.posts, "erased": erased, "not_looked_up": unasked, "seconds": round(seconds, 3),
        "interactions_per_s": round(changes.posts / seconds, 1) if changes.posts else 0.0, **in_minutes(changes.counts()),
    }  # fmt: skip


def rederive(
    conn: Connection[Any], kek: bytes, window: Window, told: Told = lambda n: None
) -> dict[str, Any]:
    """Derives stored verdicts again from the contexts and policies kept with them: ``ok``, how many, the first that differs."""
    conn.execute("SET TRANSACTION READ ONLY")
    versions, checked, different = Versions(conn), 0, list[dict[str, Any]]()
    for chunk in replay(conn, kek, window):
        different += differing(versions, chunk.posts)
        checked += len(chunk.posts)
        told(checked)
    return {
        "ok": not different,
        "checked": checked,
        "different": len(different),
        "first": different[0] if different else None,
    }


def differing(versions: Versions, posts: list[Judged]) -> list[dict[str, Any]]:
    """Posts whose stored verdict is not the one that their version derives from their context."""
    found = []
    for post, verdict in zip(posts, _judged_again(versions, posts), strict=True):
        stored = (post.effect, post.priority, post.queue, post.rule)
        derived = (verdict.effect, verdict.priority, verdict.queue, verdict.rule)
        if stored != derived:
            found.append({"interaction": str(post.id), "stored": stored, "derived": derived})
    return found


def explained(conn: Connection[Any], kek: bytes, interaction: int) -> dict[str, Any]:
    """One verdict with its reasons, the version that gave it, and what would have changed it. Raises ``NotFound``."""
    brand, post = one(conn, kek, interaction)
    policy = Versions(conn)[post.policy]
    found = explain(policy, post.context)
    return {
        "interaction": str(interaction), "brand": brand,
        "policy": {"id": policy.id, "version": policy.version, "digest": policy.digest},
        "verdict": to_builtins(found.verdict), "rules": to_builtins(found.rules),
        "would_change": to_builtins(otherwise(policy, post.context)), "context": asdict(post.context),
    }  # fmt: skip


def _judged_again(versions: Versions, posts: list[Judged]) -> list[Verdict]:
    """The verdicts of the versions in force at the time, in the order of the posts."""
    found: dict[int, Verdict] = {}
    for version in sorted({post.policy for post in posts}):
        those = [post for post in posts if post.policy == version]
        found |= {
            p.id: v for p, v in zip(those, judge(versions[version], [p.context for p in those]), strict=True)
        }
    return [found[post.id] for post in posts]
