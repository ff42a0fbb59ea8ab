"""Sign-in by allauth with our rules: no self sign-up, e-mail and password under the passkey, the last sign-in shown."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from townhall.kernel.clock import from_datetime
from townhall.web.pages import sso
from townhall.web.pages.words import moment


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes their own account."""
        return False

    def pre_login(self, request: Any, user: Any, **words: Any) -> Any:
        """Remembers the last sign-in before this one overwrites it."""
        request.last_sign_in = user.last_login
        return super().pre_login(request, user, **words)

    def add_message(self, request: Any, level: int, *more: Any, **words: Any) -> None:
        """The library's own chatter is left out; warnings and errors stay."""
        if level >= messages.WARNING:
            super().add_message(request, level, *more, **words)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """A passkey first: one touch, and nothing that can be told to somebody else."""
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use a code",
            "mfa_reauthenticate:webauthn": "Use your passkey",
        }
        found: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        named = [{**one, "description": words.get(one["id"], one["description"])} for one in found]
        return sorted(named, key=lambda one: not one["id"].endswith("webauthn"))


class StaffLoginForm(LoginForm):  # type: ignore[misc]
    """Address and password, labelled."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields["login"].label = "E-mail"
        self.fields["login"].widget.attrs = {"autocomplete": "username webauthn", "autocapitalize": "none"}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey lets in by itself, unless its owner wants it as a second factor only."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields["name"].help_text = "What you call the device, such as: work phone."
        if "passwordless" in self.fields:
            alone = self.fields["passwordless"]
            alone.initial, alone.label = True, "Sign in with it alone, without the password"
            alone.help_text = "The device then asks for your fingerprint, face or its own code."


class Entrance(LoginView):  # type: ignore[misc]
    """The sign-in page, which knows the domains that have single sign-on."""

    def get_context_data(self, **words: Any) -> dict[str, Any]:
        """The domains beside what the page has anyway."""
        known: dict[str, Any] = super().get_context_data(**words)
        return known | {"sso_domains": sso.domains()}


@receiver(user_logged_in)
def say_last_sign_in(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    """Shows when this account was last used, so that a stranger's visit is noticed."""
    before = getattr(request, "last_sign_in", None)
    if before:
        messages.info(request, f"Your last sign-in was {moment(from_datetime(before), user.zone or 'UTC')}.")
