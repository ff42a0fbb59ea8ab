"""Secrets that are shared with somebody else's system, who checks our signatures by them."""

import base64
import secrets


def new_shared_secret() -> str:
    """A fresh one of 32 random bytes, in the form of the Standard Webhooks specification."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
