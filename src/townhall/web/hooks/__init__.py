"""Webhook intake, bare ASGI. Takes signed deliveries, gives a 2xx only after a durable commit.

Never trusts a body before its signature; bounds every size; commits many deliveries at once.
"""
