"""The journal. Takes facts and content, gives them back with proof that nothing was changed since.

Owns the blocks of facts, their order, the tree, the checkpoints (in the database and in files) and sealed content.
Never commits, never rewrites a stored fact, never decides anything about a case, a person or a post.
"""

from townhall.journal.append import append, append_encoded, reserve
from townhall.journal.content import keep, open_items, recall, recall_many, salted, unsalted
from townhall.journal.follow import Numbered, advance, blobs, follow
from townhall.journal.store.order import Standing, standing

__all__ = [
    "Numbered",
    "Standing",
    "advance",
    "append",
    "append_encoded",
    "blobs",
    "follow",
    "keep",
    "open_items",
    "recall",
    "recall_many",
    "reserve",
    "salted",
    "standing",
    "unsalted",
]
