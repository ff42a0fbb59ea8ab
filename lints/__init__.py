"""Our own lints: each a module with ``faults(root)``, each born of a rule of the house. ``python -m lints`` runs all.

A fault is one line: where, what, and the rule. Escapes are named in the lint itself, with their reason.
"""
