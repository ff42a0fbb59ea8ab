"""Notices leave the house: by e-mail, and by signed webhook (Standard Webhooks 1.0). No network call in a transaction.

A sending is claimed under a lease, sent, and settled. Whoever dies between leaves it to be sent again: being told
twice is better than not at all, and both messages carry the same id.
"""

import asyncio
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import httpx
import msgspec
from msgspec import Struct

from townhall.care.notices import Sending
from townhall.channels.outside import Outside
from townhall.channels.reach import may_call
from townhall.channels.webhook.signature import signed
from townhall.kernel.clock import Instant, to_iso
from townhall.kernel.errors import Refused, Unavailable
from townhall.vault import Sealed, open_sealed

LABEL = b"notice way"
TIMEOUT_S = 5.0
"""Seconds for one webhook, all in all, and for each word with the mail server."""


class Post(Struct, frozen=True):
    """How notices leave: the mail server's address ("" for none), who they are from, where pages are, and
    hosts of our own network that webhooks may go to."""

    smtp: str
    mail_from: str
    address: str
    kek: bytes
    inside: frozenset[str] = frozenset()


def send(post: Post, sending: Sending, brand: str, now: Instant) -> None:
    """Sends one notice of a brand (its slug). Raises ``Unavailable``; ``permanent`` says that trying again will not help."""
    ways: dict[str, Callable[[Post, Sending, str, Instant], None]] = {"email": _mail, "webhook": _call}
    ways[sending.way](post, sending, brand, now)


def title(sending: Sending) -> str:
    """The notice in one line, with how often it happened."""
    return f"{sending.title} ({sending.happenings})" if sending.happenings > 1 else sending.title


def _mail(post: Post, sending: Sending, brand: str, now: Instant) -> None:
    if not post.smtp:
        raise Unavailable("no mail server is set: give TOWNHALL_SMTP", permanent=True)
    where = urlsplit(post.smtp)
    secure = where.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    try:
        with kind(
            where.hostname or "localhost", where.port or (465 if secure else 25), timeout=TIMEOUT_S
        ) as server:
            if where.username:
                server.login(unquote(where.username), unquote(where.password or ""))
            server.send_message(_letter(post, sending, brand))
    except smtplib.SMTPRecipientsRefused as refused:
        raise Unavailable("the mail server does not take this address", permanent=True) from refused
    except ValueError as error:
        raise Unavailable(f"this e-mail cannot be written: {error}", permanent=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"the mail server did not take it: {type(error).__name__}") from error


def _letter(post: Post, sending: Sending, brand: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = post.mail_from or "townhall@localhost"
    letter["To"] = sending.address
    letter["Subject"] = " ".join(f"[{brand}] {title(sending)}".split())
    letter["Message-ID"] = f"<notice-{sending.notice}-{sending.happenings}@townhall>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(f"{title(sending)}\n\nSince {to_iso(sending.first_at)}\n{post.address}{sending.url}\n")
    return letter


def _call(post: Post, sending: Sending, brand: str, now: Instant) -> None:
    secret = _secret(post, sending)
    body = msgspec.json.encode(
        {
            "type": "townhall.notice",
            "timestamp": to_iso(now),
            "data": {
                "notice": sending.notice, "kind": sending.kind, "title": title(sending), "urgent": sending.urgent,
                "brand": brand, "count": sending.happenings, "url": post.address + sending.url,
            },
        }
    )  # fmt: skip
    name = f"notice_{sending.notice}_{sending.happenings}"
    headers = {"content-type": "application/json"} | signed(secret, name, now, body)
    status = asyncio.run(_status(post, sending.address, body, headers))
    if status == 410:
        raise Unavailable("the address is gone (410)", permanent=True)
    if not 200 <= status < 300:
        raise Unavailable(f"the address answered {status}")


async def _status(post: Post, address: str, body: bytes, headers: dict[str, str]) -> int:
    """What the address answers. Its words are left unread: whoever set it up could send them without end."""
    may_call(address, post.inside)
    line = httpx.AsyncClient(
        transport=Outside(post.inside), timeout=TIMEOUT_S, trust_env=False, follow_redirects=False
    )
    try:
        async with (
            asyncio.timeout(TIMEOUT_S),
            line,
            line.stream("POST", address, content=body, headers=headers) as answer,
        ):
            return answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        if isinstance(error.__cause__, (Refused, Unavailable)):
            raise error.__cause__ from None
        raise Unavailable(f"the address did not answer: {type(error).__name__}") from error


def _secret(post: Post, sending: Sending) -> str:
    if sending.secret_key is None or sending.secret_body is None:
        raise Unavailable("this webhook has no secret; set it up again", permanent=True)
    return open_sealed(post.kek, Sealed(sending.secret_key, sending.secret_body), LABEL).decode()
