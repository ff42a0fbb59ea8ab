"""The read side: queries that join rooms for a screen or an export.

Takes: a connection whose role and brand are set, a brand, a filter, ``now``. Gives: frozen views (``desk.views``).
Owns: no table. Every page is a fixed number of queries and every list is paged by keys, never by offset.
Never writes.
"""
