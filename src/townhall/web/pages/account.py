"""One account by the page: connect it, see how that goes, give it new access, pause it, let it go."""

import os
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from townhall.channels import CHANNELS
from townhall.channels.cards import asks
from townhall.desk import account as desk_account
from townhall.desk import retention
from townhall.desk.account import AccountPage
from townhall.flow import accounts
from townhall.flow.connecting import NEEDED
from townhall.kernel.errors import Conflict, Refused
from townhall.web.hands import keys, worker_hand
from townhall.web.pages.brand import Guest, guest

_LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "mastodon": {
        "address": ("Server", "Such as https://social.example"),
        "handle": ("Account", "Such as care@social.example"),
        "token": ("Access token", "From the account's settings there, under Development; scopes read, write:statuses and, for pictures, write:media."),
    },
    "x": {
        "handle": ("Account", "Without the @."),
        "native_id": ("The account's number", "X's own id of the account, in digits: the developer portal shows it as user id."),
        "token": ("User's access token", "From the project in X's developer portal."),
        "app_token": ("The app's token", "Needed only for search."),
        "secret": ("The app's consumer secret", "Needed only where X delivers posts by itself."),
        "search": ("Also listen for", "A search in X's own words, besides mentions. Each post it finds is paid for."),
        "address": ("Address of the API", "Change it only for a test server."),
    },
    "webhook": {
        "handle": ("Name", "Any name of yours for the sender."),
        "address": ("Where replies go", "An address of the sender that takes them. May stay empty: then nothing is sent."),
        "secret": ("Shared secret", "whsec_… from the sender. Left empty, we make one and show it once."),
    },
}  # fmt: skip
"""Channel → what is asked, in order: (label, hint)."""
_SECRET = ("token", "app_token", "secret")
_X_API = "https://api.x.com"


class ConnectForm(forms.Form):
    """What a channel needs. Secrets are never shown again, not even after a mistake."""

    def __init__(self, kind: str, *args: Any, again: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        needed = {"handle", NEEDED[kind], *(() if kind == "webhook" else ("address",))}
        for name, (label, hint) in _LABELS[kind].items():
            if again and name == "handle":
                continue
            must = name in needed and not again and not (kind == "webhook" and name == "secret")
            widget = (
                forms.PasswordInput(attrs={"autocomplete": "off"}) if name in _SECRET else forms.TextInput()
            )
            kept = "Left empty, it stays as it was." if again else hint
            self.fields[name] = forms.CharField(
                label=label, help_text=kept, required=must, widget=widget, max_length=accounts.LONGEST
            )
        if kind == "x" and not again:
            self.fields["address"].initial = _X_API

    def first(self) -> list[forms.BoundField]:
        """What is asked of everybody."""
        return [one for one in self if one.field.required and not one.field.initial]

    def later(self) -> list[forms.BoundField]:
        """What may stay as it is."""
        return [one for one in self if not one.field.required or one.field.initial]

    def given(self, kind: str) -> accounts.Given:
        """What was filled in."""
        values = {
            name: str(self.cleaned_data.get(name, ""))
            for name in ("handle", "address", "native_id", "search")
        }
        secrets = {name: str(self.cleaned_data.get(name, "")) for name in _SECRET}
        return accounts.Given(channel=kind, secrets=secrets, inside=inside(), **values)


def inside() -> frozenset[str]:
    """Hosts of the operator's own network that accounts may be at."""
    return frozenset(
        filter(None, os.environ.get("TOWNHALL_INSIDE_HOSTS", "").lower().replace(" ", "").split(","))
    )


def connect(request: HttpRequest) -> HttpResponse:
    """Asks what a channel needs and connects it; a file needs nothing and has its command."""
    here = guest(request, "manage_accounts")
    kind = request.GET.get("kind", "")
    if kind not in CHANNELS:
        raise Refused("Choose a channel from the list.")
    form = ConnectForm(kind, request.POST or None) if kind in _LABELS else None
    card = CHANNELS[kind].card
    joined = _join(here, form, kind) if form and request.method == "POST" and form.is_valid() else None
    if joined:
        if joined.secret:
            messages.info(request, f"The shared secret, shown only now: {joined.secret}")
        return redirect("account", joined.account_id)
    server = form["address"].value() if form and "address" in form.fields else ""
    words = {
        "card": card,
        "slug": here.brand.slug,
        "form": form,
        "access_url": card.access_url(str(server or "").strip()),
        "asks": asks(card),
        "gone": retention.of_channel(here.conn, here.asker.brand_id, kind),
    }
    return render(request, "connect.html", words, status=422 if form and form.errors else 200)


def _join(here: Guest, form: ConnectForm, kind: str) -> accounts.Joined | None:
    """The account, connected; ``None`` when it was refused, and the form then says why. Its secrets are to be given again."""
    try:
        with worker_hand() as conn:
            return accounts.join(conn, keys(), here.asker, form.given(kind), here.now)
    except (Refused, Conflict) as refusal:
        form.add_error(None, str(refusal))
        return None


def page(request: HttpRequest, account_id: int) -> HttpResponse:
    """How the account does: four checks, gaps and what filled them, and the acts on it."""
    here = guest(request, "read_live")
    found = desk_account.account_page(here.conn, here.asker.brand_id, account_id, here.now)
    words = {
        "account": found,
        "card": CHANNELS[found.line.channel].card,
        "access_url": CHANNELS[found.line.channel].card.access_url(found.line.base_url),
        "checks": checks(found),
        "settled": found.line.state != "new",
        "hook": f"{os.environ.get('TOWNHALL_ADDRESS', '')}/hooks/{account_id}"
        if found.line.channel in ("webhook", "x")
        else "",
        "may_manage": here.asker.may("manage_accounts"),
        "form": ConnectForm(found.line.channel, again=True) if found.line.channel in _LABELS else None,
    }
    part = request.headers.get("HX-Request")
    return render(request, "parts/account_checks.html" if part else "account.html", words)


def checks(found: AccountPage) -> list[dict[str, str]]:
    """The four checks in words: access, reading, receiving, and that nothing was written to try."""
    line, broken = found.line, found.line.state in ("no_token", "failing", "limited")
    if line.channel == "webhook":
        access = _check("Access", bool(found.verified_at), False, "A delivery was signed with the secret.",
                        "No signed delivery has come yet.", "")  # fmt: skip
        read = _check("Read", True, False, "Nothing is fetched: the sender brings it.", "", "")
    else:
        access = _check("Access", bool(found.verified_at), line.state == "no_token",
                        f"The network knows the account{' as ' + found.native_id if found.native_id else ''}.",
                        "The network is being asked.", line.message)  # fmt: skip
        read = _check(
            "Read", bool(line.read_at) and not broken, broken, "It was read.", "Not read yet.", line.message
        )
    receive = _check("Receive", bool(line.last_post_at), False, "Posts have come.",
                     "No post has come yet. Mention the account from another one to see it here.", "")  # fmt: skip
    write = {
        "title": "Write",
        "state": "none",
        "words": "Nothing is ever posted to try. Your first reply will show it.",
    }
    leading = next((one for one in (access, read) if one["state"] == "failed"), None)
    return [{**one, "leads": "yes" if one is leading else ""} for one in (access, read, receive, write)]


def _check(title: str, done: bool, failed: bool, yes: str, no: str, wrong: str) -> dict[str, str]:
    if failed:
        return {"title": title, "state": "failed", "words": wrong or no}
    return {"title": title, "state": "done" if done else "waits", "words": yes if done else no}


@require_POST
def act(request: HttpRequest, account_id: int) -> HttpResponse:
    """New access, a pause, or the end; each asks the door first."""
    here = guest(request, "manage_accounts")
    wanted = request.POST.get("do", "")
    found = desk_account.account_page(here.conn, here.asker.brand_id, account_id, here.now)
    if wanted == "renew":
        return _renew(request, found)
    with worker_hand() as conn:
        if wanted == "let_go":
            if request.POST.get("typed", "").strip() != found.line.handle:
                raise Refused(f"Type {found.line.handle} to disconnect it. Nothing was changed.")
            accounts.let_go(conn, here.asker, account_id, here.now)
            said = "Disconnected. Its secrets are destroyed; everything that came stays."
        elif wanted in ("read", "send", "not_read", "not_send"):
            said = _switch(conn, here, found, wanted)
        else:
            raise Refused("Choose what to do with the account. Nothing was changed.")
    messages.info(request, said)
    return redirect("account", account_id)


def _switch(conn: Any, here: Any, found: AccountPage, wanted: str) -> str:
    """Lets reading or sending go on, or pauses it; the other stays as it is."""
    if not found.line.connected:
        raise Refused("The account is not connected. Give it access first.")
    reading = wanted == "read" if "read" in wanted else found.line.reading
    sending = wanted == "send" if "send" in wanted else found.line.sending
    accounts.switch(conn, here.asker, found.line.account_id, here.now, reading=reading, sending=sending)
    return f"It is {'read' if reading else 'not read'} and {'sends' if sending else 'does not send'} from now on."


def _renew(request: HttpRequest, found: AccountPage) -> HttpResponse:
    here = guest(request, "manage_accounts")
    form = ConnectForm(found.line.channel, request.POST, again=True)
    if not form.is_valid():
        raise Refused("What was filled in is too long. Nothing was changed.")
    with worker_hand() as conn:
        accounts.renew(
            conn, keys(), here.asker, found.line.account_id, form.given(found.line.channel), here.now
        )
    messages.info(
        request, "New access is in place. What was missed meanwhile is read from where reading stopped."
    )
    return redirect("account", found.line.account_id)
