"""Beside. Takes a question about one person, gives what the brand's own system answers within its bounds.

Owns where a brand's own systems are and the secrets shared with them. What they answer is shown and not kept.
Never tells them more than the question needs, never follows them elsewhere, never waits longer than it said.
"""
