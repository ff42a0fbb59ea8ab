"""The verbs. Takes what rooms decide, gives one transaction. Owns the wide ``interaction`` row and its revisions.

Every verb gathers, decides, writes: reads in batch, calls pure functions with ``now``, writes state and facts
together, the append last. Nobody commits inside; no network call inside a transaction.
"""
