"""Customers' words as lists show and filter them: none once their author deleted them, whatever the firm chose.

A case keeps what its first post said. That post is known by its author and by the moment it was published, which is when
the case was opened.
"""


def said(post: str) -> str:
    """SQL: the words of a post as they may be shown. ``post`` goes before the names of its columns: ``i.`` or ""."""
    return f"CASE WHEN {post}deleted_at IS NULL THEN {post}text ELSE '' END"


def gone(case: str) -> str:
    """SQL: whether the post that a case began with was deleted. ``case`` goes before the names of its columns: ``c.`` or ""."""
    return (
        f"EXISTS (SELECT FROM interaction g WHERE g.author_id = {case}customer_id AND g.published_at = {case}opened_at"
        " AND g.deleted_at IS NOT NULL)"
    )


def shown(case: str) -> str:
    """SQL: the words a case began with, as they may be shown."""
    return f"CASE WHEN {gone(case)} THEN '' ELSE {case}snippet END"
