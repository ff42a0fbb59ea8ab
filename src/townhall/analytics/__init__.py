"""Measures. Takes what the pipeline and people's acts changed, gives figures, each with one definition and one query.

Owns: rollup_volume, rollup_promise, rollup_answer, rollup_topic, attention, and the registry of metrics.
A writer adds to rows of its own number (``worker``), last in its transaction, so that no two wait for each other.
Never counts a thing twice, and never averages over answered ones alone.
"""
