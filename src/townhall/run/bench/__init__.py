"""Benchmarks on the real parts: each writes into ``--home``, so that anybody can count what it made."""
