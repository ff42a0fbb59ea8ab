"""The shared words. Takes nothing, gives the nouns and the error family. Owns no table.

One module a noun: ``activity``, ``fact``, ``finding``, ``ids``, ``clock``, ``errors``.
Never imports another room.
"""
