"""What can be done about a post on Mastodon: reporting it to the server's moderators. Pure.

Source: Mastodon's API documentation, ``POST /api/v1/reports``.
"""

from typing import Any

from townhall.channels.port import Deed
from townhall.kernel.errors import Refused

MAX_COMMENT = 1_000
"""Characters of a comment that a server takes."""
_CATEGORIES = {"spam": "spam", "legal": "legal", "violation": "violation", "other": "other"}


def report_of(deed: Deed) -> dict[str, Any]:
    """The JSON body. Raises ``Refused`` for what Mastodon cannot do."""
    if deed.kind != "report":
        raise Refused("Mastodon does not let an account hide other people's replies: report the post instead")
    if not (deed.author.isalnum() and deed.post.isalnum()):
        raise Refused("a report needs the ids of the post and of its author on this network")
    if len(deed.comment) > MAX_COMMENT:
        raise Refused(f"the comment has {len(deed.comment)} characters, Mastodon takes {MAX_COMMENT}")
    return {
        "account_id": deed.author, "status_ids": [deed.post], "comment": deed.comment,
        "category": _CATEGORIES.get(deed.category, "other"), "forward": deed.forward,
    }  # fmt: skip
