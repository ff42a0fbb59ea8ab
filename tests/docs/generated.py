"""The parts of our pages that are written from the code. ``python -m tests.docs.generated`` writes them anew.

A part stands between ``<!-- written from the code: NAME -->`` and ``<!-- end -->``; a test holds each to what its
function gives.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument

from townhall.flow.house import MAIN_CALENDAR
from townhall.kernel.clock import HOUR, MINUTE, SECOND
from townhall.people.logic import ACT_WORDS, ACTS, ROLES
from townhall.policy.library import packs, source
from townhall.policy.logic import parse_policy
from townhall.policy.logic.check import check_policy
from townhall.policy.logic.context import FIELDS
from townhall.policy.logic.rule import EFFECTS, PRIORITIES
from townhall.run.command import app
from townhall.run.settings import _RANGES, Settings

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "townhall"
PART = re.compile(r"(<!-- written from the code: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_MADE = re.compile(r"CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)(?! PARTITION OF)\b")
_MODEL = re.compile(r'options=\{"db_table": "([a-z_]+)"')

MEANINGS = {
    "home": "The one folder of all state. `--home` before the subcommand wins over it. It cannot stand in the file.",
    "host": "The address to listen on. `0.0.0.0` for every interface.",
    "port": "The port to listen on; 0 lets the system choose.",
    "workers": "Pipeline processes. They share sixteen shards, so more than 16 have nothing to do.",
    "public_url": "The address people type. `https://…` turns on secure cookies and HSTS. Empty means `http://localhost:<port>`.",
    "database_url": "Another PostgreSQL instead of the embedded one, as the owner of the tables.",
    "database_worker_url": "Sign-in of `townhall_worker` there.",
    "database_web_url": "Sign-in of `townhall_web` there.",
    "database_name": "The database within the embedded server.",
    "pg_bin": "A folder with PostgreSQL's own programs (15 or newer), instead of the packaged ones.",
    "metrics_token": "Opens `/metrics` to callers that are not on this machine (`Authorization: Bearer …`).",
    "smtp": "Where notices leave by e-mail: `smtp://host:port` or `smtps://name:word@host`. Empty means no e-mail.",
    "mail_from": "The sender of those e-mails.",
    "step_up_minutes": "How many minutes ago somebody may have proved who they are before they approve noticed words, release a stop, put a policy in force or leave observe-only; 0 never asks.",
    "inside_hosts": "Hosts inside your network, by commas, that webhooks, servers of channels, own systems and photos may lie at; all others must be public.",
    "hosts": "Further host names that the pages answer to, by commas; the one of `public_url` and loopback are always known.",
    "proxies": "How many proxies of yours stand in front: decides whose address sign-in attempts are counted by.",
    "sso_issuer": "OpenID Connect provider for single sign-on; the next three belong to it.",
    "sso_client_id": "Our id there.",
    "sso_client_secret": "Our secret there. Best in a settings file of mode 0600.",
    "sso_domains": "E-mail domains, by commas, for which that provider is trusted.",
    "log_level": "How much is logged: `debug`, `info`, `warning` or `error`.",
    "datasets": "Where public data sets lie. Only training and measuring models read it.",
}
"""Setting → what it is for. A setting without a line here fails the test."""

FIELD_WORDS = {
    "post.text": "the text, without markup",
    "post.language": "ISO 639-1, or `und` when it cannot be told",
    "post.question": "whether it asks something",
    "post.question_p": "how likely that is, 0 to 1",
    "post.intent": "what it is about, or `unsure`",
    "post.sentiment": "-1, 0 or 1",
    "post.complaint_p": "how likely it is a complaint, 0 to 1",
    "post.has_media": "whether it carries a picture, video or sound",
    "post.length": "code points",
    "post.findings": "kinds of personal data and dangers found in it",
    "post.visibility": "`public`, `unlisted`, `followers` or `direct`",
    "post.is_reply": "whether it answers another post",
    "author.handle": "their name on the network",
    "author.known": "whether they wrote here before",
    "author.posts": "how many posts of theirs came before, at most 100; -1 where no policy in force asked",
    "author.cases": "how many cases of theirs there were, at most 100; -1 where no policy in force asked",
    "author.cases_open": "how many of those are open; -1 where no policy in force asked",
    "author.tier": "the firm's own tier of this customer, empty where none was set",
    "author.followers": "how many follow them, as their network says (Mastodon, X), else as the firm noted; -1 where neither does",
    "history.answered_before": "whether somebody of us answered them before, in this conversation or another",
    "thread.posts": "how many posts the thread held before this one",
    "thread.ours_last": "whether the newest of those is ours",
    "channel.kind": "`mastodon`, `x`, `webhook`, `activitystreams`",
    "channel.account": "the handle of our account that heard it",
    "brand.slug": "the brand's short name",
    "now.hour": "0 to 23, in the brand's zone",
    "now.weekday": "0 is Monday, in the brand's zone",
    "now.open": f"whether the brand's calendar `{MAIN_CALENDAR}` is open; around the clock where there is none of that name",
    "post.abuse_p": "how likely it is abuse: insult, threat or hatred, 0 to 1",
    "post.spam_p": "how likely it is advertising or fraud by strangers, 0 to 1",
    "post.urgent_p": "how likely somebody is in danger or stranded, or too late within hours, 0 to 1",
    "post.link_risk": "how risky its worst link looks, one that imitates our hosts above all, 0 to 1",
    "post.near_copies": "how many others wrote much the same within the hour before it",
    "post.signs": "why, in words, for each of abuse, spam, urgency, links and imitation that passed its floor",
    "post.sentiment_p": "how likely that feeling is, 0 to 1; 0 where it was judged before this was kept",
    "post.intent_p": "how likely that need is, 0 to 1; 0 where it was judged before this was kept",
    "author.imitates_p": "how surely their name passes itself off as one of ours, 0 to 1",
}
"""CEL name → what it holds. A field without a line here fails the test."""


def settings_table() -> str:
    """Every setting: its name in a file, in the environment, its default and what it means."""
    rows = ["| setting | in the environment | default | meaning |", "|---|---|---|---|"]
    for name, default in zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True):
        bounds = f" {_RANGES[name][0]:,} to {_RANGES[name][1]}." if name in _RANGES else ""
        shown = f"`{default}`" if str(default) else "none"
        rows.append(f"| `{name}` | `TOWNHALL_{name.upper()}` | {shown} | {MEANINGS[name]}{bounds} |")
    return "\n".join(rows) + "\n"


def fields_table() -> str:
    """What a condition may ask about a post."""
    rows = ["| name | type | what it holds |", "|---|---|---|"]
    rows += [f"| `{name}` | {kind} | {FIELD_WORDS[name]} |" for name, (_, kind) in FIELDS.items()]
    return "\n".join(rows) + "\n"


def precedence() -> str:
    """Effects, strongest first, and priorities."""
    effects = "\n".join(f"{place}. `{effect}`" for place, effect in enumerate(EFFECTS, 1))
    return f"{effects}\n\nPriorities, most urgent first: {', '.join(f'`{p}`' for p in PRIORITIES)}.\n"


def starter_table() -> str:
    """The rules of the starter policy, in order of precedence."""
    policy = parse_policy((SOURCE / "policy" / "starter" / "default.yaml").read_bytes())
    rows = ["| rule | effect | first answer within | owner | reason |", "|---|---|---|---|---|"]
    for rule in policy.rules:
        rows.append(
            f"| `{rule.id}` | {rule.effect} | {_span(rule.first_response)} | {rule.owner} | {rule.reason} |"
        )
    return "\n".join(rows) + "\n"


def starter_counts() -> str:
    """What the check finds in each starter policy."""
    rows = [
        "| policy | rules | refused, dead or shadowed | meet with different effects | not decided |",
        "|---|---|---|---|---|",
    ]
    for pack in packs():
        found = check_policy(source(pack.name).encode())
        wrong = sum(len(found[name]) for name in ("errors", "dead", "shadowed"))
        rows.append(
            f"| `{pack.name}` | {found['rules']} | {wrong} | {len(found['overlaps'])} pairs | {len(found['undecided'])} |"
        )
    return "\n".join(rows) + "\n"


def roles_table() -> str:
    """Which role may do what."""
    rows = ["| act | " + " | ".join(ROLES) + " |", "|---|" + "---|" * len(ROLES)]
    for act, enough in ACTS.items():
        marks = " | ".join("yes" if role in enough else "" for role in ROLES)
        rows.append(f"| {ACT_WORDS[act]} | {marks} |")
    return "\n".join(rows) + "\n"


def tables_of_rooms() -> str:
    """Which room owns which tables, as its migrations make them."""
    rows = ["| room | tables |", "|---|---|"]
    for room, tables in owned_tables().items():
        rows.append(f"| `{room}` | {', '.join(f'`{table}`' for table in tables)} |")
    return "\n".join(rows) + "\n"


def owned_tables() -> dict[str, list[str]]:
    """Room → its tables, in the order they are made."""
    found: dict[str, list[str]] = {}
    for path in sorted(SOURCE.glob("*/migrations/0*.py")):
        source = path.read_text()
        tables = [*_MODEL.findall(source), *_MADE.findall(source)]
        found.setdefault(path.parts[-3], []).extend(tables)
    return {room: list(dict.fromkeys(tables)) for room, tables in found.items() if tables}


def commands() -> str:
    """The whole command line."""
    top = typer.main.get_command(app)
    context = typer.Context(top)
    return "\n".join(
        _section(f"townhall {name}", top.get_command(context, name)) for name in top.list_commands(context)
    )  # type: ignore[attr-defined]


def _section(path: str, command: Any) -> str:
    subcommands = getattr(command, "commands", {})
    shown = [f"## `{path}`\n" if path.count(" ") == 1 else f"### `{path}`\n", f"{_plain(command.help)}\n"]
    options = [
        row for each in command.params if not getattr(each, "hidden", False) for row in [_option(each)] if row
    ]
    if options:
        shown.append("\n".join(["| option | default | meaning |", "|---|---|---|", *options]) + "\n")
    return "\n".join(
        [*shown, *(_section(f"{path} {name}", sub) for name, sub in sorted(subcommands.items()))]
    )


def _option(option: Any) -> str:
    if option.name in ("help", "install_completion", "show_completion"):
        return ""
    if isinstance(option, TyperArgument):
        return f"| `{option.name.upper()}`{'…' if option.nargs == -1 else ''} | | {_plain(option.help)} |"
    default = "" if option.default in (None, False, "") else f"`{option.default}`"
    return f"| `{option.opts[0]}` | {default} | {_plain(option.help)} |"


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _span(budget: int) -> str:
    if not budget:
        return "none"
    parts = ((budget // HOUR, "h"), (budget % HOUR // MINUTE, "min"), (budget % MINUTE // SECOND, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "context": fields_table,
    "precedence": precedence,
    "starter policy": starter_table,
    "starter counts": starter_counts,
    "roles": roles_table,
    "tables": tables_of_rooms,
    "commands": commands,
}


def pages() -> Iterator[Path]:
    """Every page that people read: those in the root and all below ``docs``."""
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))


def rewritten(text: str) -> str:
    """A page with its parts as the code has them now."""
    return PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}{part[3]}", text)


def main() -> None:
    """Writes every page anew whose parts have changed."""
    for page in pages():
        text = page.read_text()
        if (fresh := rewritten(text)) != text:
            page.write_text(fresh)
            print(f"written: {page.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
