"""Room ``channels``, network ``x``: X by its API v2, and by the webhooks of its Activity API.

Takes mentions, found posts, own posts and messages, gives activities; posts replies and direct messages.
Owns nothing. Never asks for more than it needs: each call has a price, and it is counted.
"""
