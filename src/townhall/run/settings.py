"""Every setting in one typed place: from ``TOWNHALL_…`` in the environment, else a TOML file, else the default."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from townhall.kernel.errors import BadSetting

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator may choose. In the environment each is ``TOWNHALL_`` and its name in capitals.

    ``port`` 0 lets the system choose; ``workers`` is processes; URLs and ``pg_bin`` are "" when not given;
    ``public_url`` is the address people type ("" for ``http://localhost:<port>``) and https there makes cookies
    secure; ``smtp`` is where notices leave by e-mail (``smtp://host:port`` or ``smtps://name:word@host``; "" for
    nowhere) from ``mail_from``; ``inside_hosts`` are hosts inside, by commas, that may be called
    though others chose the address; ``hosts`` are further names the pages answer to, by commas, and ``proxies`` how many
    of yours stand in front;
    ``step_up_minutes`` is how old a proof of who somebody is may be before what is very sensitive (0: any age);
    ``sso_…`` is the OpenID Connect provider that lets in staff with e-mail addresses of ``sso_domains``; ``metrics_token`` opens ``/metrics`` from beyond loopback; ``datasets`` is where sample traffic lies.
    """

    home: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    public_url: str = ""
    database_url: str = ""
    database_worker_url: str = ""
    database_web_url: str = ""
    database_name: str = "townhall"
    pg_bin: str = ""
    metrics_token: str = ""
    smtp: str = ""
    mail_from: str = ""
    inside_hosts: str = ""
    hosts: str = ""
    proxies: int = 0
    step_up_minutes: int = 15
    sso_issuer: str = ""
    sso_client_id: str = ""
    sso_client_secret: str = ""
    sso_domains: str = ""
    log_level: LogLevel = "info"
    datasets: Path = Path("../shared/data")

    @property
    def address(self) -> str:
        """The address that people open, without a slash at its end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def inside(self) -> frozenset[str]:
        """Hosts of one's own network that may be called though somebody else chose the address."""
        return frozenset(host.strip().lower() for host in self.inside_hosts.split(",") if host.strip())

    @property
    def is_tls(self) -> bool:
        """Whether people reach us by https."""
        return self.address.startswith("https://")


_SSO = ("sso_issuer", "sso_client_id", "sso_client_secret", "sso_domains")
_TOLD_TO_DJANGO = {"TOWNHALL_WORKER_DSN"}
_RANGES = {"port": (0, 65535), "workers": (1, 64), "proxies": (0, 10), "step_up_minutes": (0, 1440)}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_HOSTS = re.compile(r"[\w.:\[\]-]+(, ?[\w.:\[\]*-]+)*", re.ASCII)
_SCHEMES = {
    "smtp": ("smtp://", "smtps://"),
    "public_url": ("http://", "https://"),
    "sso_issuer": ("https://", "http://"),
    "database_url": ("postgresql://", "postgres://"),
    "database_worker_url": ("postgresql://", "postgres://"),
    "database_web_url": ("postgresql://", "postgres://"),
}


def load_settings(home: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. ``home`` (from ``--home``) wins over the environment, and that over the file.

    The file is ``TOWNHALL_SETTINGS``, else ``<home>/townhall.toml`` if there is one. Raises ``BadSetting`` that
    names the setting, where it came from and what is allowed.
    """
    env = os.environ if environment is None else environment
    chosen = home or Path(env.get("TOWNHALL_HOME") or "var")
    values = _from_file(env.get("TOWNHALL_SETTINGS", ""), chosen) | _from_environment(env)
    values["home"] = str(chosen.expanduser().absolute())
    return _checked(values)


def as_environment(settings: Settings) -> dict[str, str]:
    """The same settings for a child process."""
    plain = msgspec.to_builtins(settings, enc_hook=str)
    return {f"TOWNHALL_{name.upper()}": str(value) for name, value in plain.items()}


def _from_environment(env: Mapping[str, str]) -> dict[str, Any]:
    names = {f"TOWNHALL_{name.upper()}": name for name in Settings.__struct_fields__}
    for key in sorted(env.keys() - names.keys() - _TOLD_TO_DJANGO):
        _refuse_misspelt(key)
    return {names[key]: value for key, value in env.items() if key in names and value != ""}


def _refuse_misspelt(key: str) -> None:
    """Others may have variables of their own that begin like ours; a misspelt one of ours would go unseen."""
    prefix, found, rest = key.partition("TOWNHALL_")
    near = difflib.get_close_matches(rest.lower(), Settings.__struct_fields__, n=1, cutoff=0.8)
    if found and not prefix and near:
        raise BadSetting(f"{key} in the environment is no setting; did you mean TOWNHALL_{near[0].upper()}?")


def _from_file(named: str, home: Path) -> dict[str, Any]:
    path = Path(named) if named else home / "townhall.toml"
    if not named and not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"settings (TOWNHALL_SETTINGS) {path} cannot be read: {error}") from error
    for name in values:
        if name not in Settings.__struct_fields__:
            raise BadSetting(f"{name} in {path} is no setting; {_nearest(name)}")
    values.pop("home", None)
    return values


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, Settings.__struct_fields__, n=1)
    return f"did you mean {near[0]}?" if near else "allowed: " + ", ".join(Settings.__struct_fields__)


def _checked(values: dict[str, Any]) -> Settings:
    typed = {name: _typed(name, value) for name, value in values.items()}
    given = [name for name in _SSO if typed.get(name)]
    if given and len(given) < len(_SSO):
        lacking = next(name for name in _SSO if name not in given)
        raise BadSetting(
            f"{lacking} (TOWNHALL_{lacking.upper()}) is not given, but {given[0]} is: sign-in needs both"
        )
    return Settings(**typed)


def _typed(name: str, value: Any) -> Any:
    if name in _RANGES:
        return _number(name, value)
    if not isinstance(value, str):
        raise _bad(name, value, "a text")
    if name == "log_level" and value not in get_args(LogLevel):
        raise _bad(name, value, "one of " + ", ".join(get_args(LogLevel)))
    if name in _SCHEMES and value:
        _check_address(name, value)
    if name in ("host", "hosts", "inside_hosts") and value and not _HOSTS.fullmatch(value):
        raise _bad(
            name, value, "a host's name" + ("" if name == "host" else ", or several with commas between them")
        )
    if name == "database_name" and not value.replace("_", "").isalnum():
        raise _bad(name, value, "letters, digits and underscores")
    return Path(value).expanduser().absolute() if name in ("home", "datasets") else value


def _check_address(name: str, value: str) -> None:
    if not value.startswith(_SCHEMES[name]):
        raise _bad(name, value, "an address that starts with " + " or ".join(_SCHEMES[name]))
    try:
        parts = urlsplit(value)
        found = parts.hostname, parts.port
    except ValueError:
        raise _bad(name, value, "an address whose port is a number from 0 to 65535") from None
    if re.search(r"\s", value):
        raise _bad(name, value, "an address without spaces")
    if not found[0] and not name.startswith("database_"):  # a database may lie at a socket
        raise _bad(name, value, "an address with a host")
    if name == "sso_issuer" and parts.scheme == "http" and found[0] not in _LOOPBACK:
        raise _bad(name, value, "an https address, or http on this very machine")


def _number(name: str, value: Any) -> int:
    low, high = _RANGES[name]
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise _bad(name, value, f"a whole number from {low} to {high}") from None
    if isinstance(value, (bool, float)) or not low <= number <= high:
        raise _bad(name, value, f"a whole number from {low} to {high}")
    return number


def _bad(name: str, value: Any, allowed: str) -> BadSetting:
    hidden = name in _SCHEMES or "token" in name or "secret" in name
    shown = "what was given" if hidden else repr(value)
    return BadSetting(f"{name} (TOWNHALL_{name.upper()}) is {shown}, but it must be {allowed}")
