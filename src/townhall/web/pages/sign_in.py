"""Sign-in by allauth with our rules: no self sign-up, e-mail and password under the passkey, the last sign-in shown."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from townhall.kernel.clock import from_datetime
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


class StaffLoginForm(LoginForm):  # type: ignore[misc]
    """Address and password, labelled."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields["login"].label = "E-mail"
        self.fields["login"].widget.attrs = {"autocomplete": "username webauthn", "autocapitalize": "none"}
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""


@receiver(user_logged_in)
def say_last_sign_in(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    """Shows when this account was last used, so that a stranger's visit is noticed."""
    before = getattr(request, "last_sign_in", None)
    if before:
        messages.info(request, f"Your last sign-in was {moment(from_datetime(before), user.zone or 'UTC')}.")
