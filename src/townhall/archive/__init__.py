"""The archive. Takes posts as they are kept, gives them back to whoever looks for words.

Owns search_block: which terms a run of posts holds, one row for many posts, so that an index costs little a post.
Never decides what is kept or erased, never shows one brand's posts to another.
"""
