"""The journal. Takes facts and content, gives them back with proof that nothing was changed since.

Owns the blocks of facts, their order, the tree, the checkpoints (in the database and in files) and sealed content.
Never commits, never rewrites a stored fact, never decides anything about a case, a person or a post.
"""

from townhall.journal.append import append, append_encoded, reserve
from townhall.journal.content import keep, open_items, recall, salted, unsalted

__all__ = ["append", "append_encoded", "keep", "open_items", "recall", "reserve", "salted", "unsalted"]
