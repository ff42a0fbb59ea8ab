"""Room ``channels``, network ``activitystreams``: files of ActivityStreams 2.0 and Mastodon's ``outbox.json``.

Takes NDJSON lines or a collection, gives activities. Owns nothing. Never sends: a file has nobody to answer.
"""
