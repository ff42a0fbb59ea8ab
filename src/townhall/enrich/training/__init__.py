"""Training of the shipped models. Takes the folder of public sets; gives ``<name>.npz`` and its card for each head.

A developer's door: it needs scikit-learn, which the running product does not have. ``train`` is repeatable: the
same sets and versions give the same files.
"""

from townhall.enrich.training.make import train

__all__ = ["train"]
