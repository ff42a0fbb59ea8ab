"""Room ``channels``, network ``mastodon``: any server that speaks Mastodon's client API.

Takes notifications and the account's own posts, gives activities; posts replies and direct messages.
Owns nothing. Never trusts the stream alone: polling from the cursor proves that nothing was missed.
"""
