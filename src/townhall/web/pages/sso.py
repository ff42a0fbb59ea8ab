"""Single sign-on by e-mail domain: OpenID Connect through allauth, for staff who were invited.

The provider is trusted for the domains in the settings and for nothing else. Nobody gets an account by signing in;
a seat is given by an administrator. The way to the provider is a link that names its host: the policy of our pages
lets no form lead away from them.
"""

from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.decorators import rate_limit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

PROVIDER = "sso"


class StaffProvider(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Lets in who has a seat, by an address of a trusted domain; makes nobody and links nothing."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Accounts are made by invitation only."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Whoever is not staff here is told so in our own words."""
        if not sociallogin.is_existing:
            raise ImmediateHttpResponse(
                _entrance(request, "That account has no seat here. Ask an administrator to invite you.")
            )

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        """The provider vouches for its own domains only, whatever it says about others."""
        return email.rpartition("@")[2].lower() in domains()

    def on_authentication_error(self, request: HttpRequest, provider: Any, *more: Any, **words: Any) -> None:
        """A refused or broken sign-in comes back to the entrance."""
        raise ImmediateHttpResponse(
            _entrance(request, "Single sign-on did not let you in. Nothing was changed; try again.")
        )


def domains() -> list[str]:
    """Domains whose people sign in at the provider; empty without one."""
    app = _app()
    return list(app.settings.get("verified_email", [])) if app else []


@never_cache
@require_POST
@rate_limit(action="login")  # type: ignore[untyped-decorator]
def start(request: HttpRequest) -> HttpResponse:
    """From an e-mail address to the provider of its domain."""
    address = request.POST.get("email", "").strip()
    if address.rpartition("@")[2].lower() not in domains():
        known = ", ".join(domains()) or "no domain"
        return _entrance(request, f"Single sign-on here is for {known}. Use another way for other addresses.")
    try:
        to = _way(request, address)
    except (requests.RequestException, KeyError, ValueError):
        return _entrance(
            request, "The provider of single sign-on does not answer. Use another way, or try again soon."
        )
    return render(request, "sso.html", {"to": to, "host": urlsplit(to).hostname})


def _way(request: HttpRequest, address: str) -> str:
    provider = StaffProvider(request).get_provider(request, PROVIDER)
    words = {"auth_params": {"login_hint": address}}
    return str(provider.redirect(request, "login", next_url=None, **words)["Location"])


def _app() -> Any:
    try:
        return StaffProvider().get_app(None, PROVIDER)
    except SocialApp.DoesNotExist:
        return None


def _entrance(request: HttpRequest, said: str) -> HttpResponse:
    from django.contrib import messages

    messages.error(request, said)
    return redirect("account_login")
