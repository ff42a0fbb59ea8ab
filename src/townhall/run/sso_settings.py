"""The one OpenID Connect provider of an installation, as allauth wants to be told."""

from collections.abc import Mapping
from typing import Any


def sso_provider(env: Mapping[str, str]) -> dict[str, Any]:
    """``SOCIALACCOUNT_PROVIDERS``: empty without an issuer. Its e-mail addresses count in the named domains only."""
    if not env.get("TOWNHALL_SSO_ISSUER"):
        return {}
    app = {
        "provider_id": "sso",
        "name": "Single sign-on",
        "client_id": env.get("TOWNHALL_SSO_CLIENT_ID", ""),
        "secret": env.get("TOWNHALL_SSO_CLIENT_SECRET", ""),
        "settings": {
            "server_url": env["TOWNHALL_SSO_ISSUER"].rstrip("/"),
            "verified_email": domains(env.get("TOWNHALL_SSO_DOMAINS", "")),
            "email_authentication": True,
            "oauth_pkce_enabled": True,
        },
    }
    return {"openid_connect": {"APPS": [app]}}


def domains(text: str) -> list[str]:
    """Domains by commas, in lower case."""
    return [one.strip().lower() for one in text.split(",") if one.strip()]
