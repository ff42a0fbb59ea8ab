"""Settings: where they come from, and what a wrong one says."""

from pathlib import Path

import pytest
from msgspec.structs import asdict

from townhall.kernel.errors import BadSetting
from townhall.run.settings import Settings, as_environment, load_settings


def test_defaults_are_a_house_on_this_machine() -> None:
    settings = load_settings(environment={})
    assert (settings.port, settings.host, settings.address) == (8000, "127.0.0.1", "http://localhost:8000")
    assert settings.home == Path("var").absolute() and not settings.is_tls


def test_command_line_wins_over_environment_wins_over_file(tmp_path: Path) -> None:
    (tmp_path / "townhall.toml").write_text(
        'port = 9000\nworkers = 2\npublic_url = "https://care.example.org/"\n'
    )
    found = load_settings(tmp_path, {"TOWNHALL_HOME": "/elsewhere", "TOWNHALL_PORT": "9001"})
    assert (found.home, found.port, found.workers) == (tmp_path, 9001, 2)
    assert found.is_tls and found.address == "https://care.example.org"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "70000", "port .* whole number from 0 to 65535"),
        ("PORT", "http", "port .*'http'"),
        ("WORKERS", "0", "workers .* from 1 to 64"),
        ("LOG_LEVEL", "loud", "log_level .* one of debug, info, warning, error"),
        ("DATABASE_URL", "mysql://x", "database_url .* postgresql://"),
        ("PUBLIC_URL", "care.example.org", "public_url .* https://"),
        ("DATABASE_NAME", "a;b", "database_name .* letters"),
        ("PROXIES", "x", "proxies .* from 0 to 10"),
        ("SMTP", "smtp://mail:99999", "smtp .* port is a number"),
        ("SMTP", "smtp://", "smtp .* with a host"),
        ("PUBLIC_URL", "https://", "public_url .* with a host"),
        ("PUBLIC_URL", "https://care example.org", "public_url .* without spaces"),
        ("DATABASE_URL", "postgresql://db:x/a", "database_url .* port is a number"),
        ("HOST", "not a host", "host .* a host's name"),
        ("HOSTS", "a.example, b example", "hosts .* several with commas"),
        ("SSO_ISSUER", "http://localhost.evil.example", "sso_issuer .* https"),
    ],
)
def test_a_wrong_one_is_named_with_what_is_allowed(name: str, value: str, says: str) -> None:
    with pytest.raises(BadSetting, match=says):
        load_settings(environment={f"TOWNHALL_{name}": value})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1", "prot .* did you mean port"),
        ("port = 80.5", "port"),
        ("port = true", "port"),
        ("host = 7", "host .* a text"),
        ("port = ", "cannot be read"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "townhall.toml").write_text(text)
    with pytest.raises(BadSetting, match=says):
        load_settings(tmp_path, {})


def test_a_missing_file_that_was_named_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        load_settings(tmp_path, {"TOWNHALL_SETTINGS": str(tmp_path / "none.toml")})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "http://u:hunter2@db"), ("SMTP", "smpts://bot:hunter2@mail"), ("SMTP", "smtp://bot:hunter2@mail:x"),
        ("METRICS_TOKEN", "hunter2 \n"), ("SSO_ISSUER", "ftp://u:hunter2@sso"),
    ],
)  # fmt: skip
def test_a_secret_is_never_shown(name: str, value: str) -> None:
    try:
        load_settings(environment={f"TOWNHALL_{name}": value})
    except BadSetting as error:
        assert "hunter2" not in str(error)
    else:
        assert name == "METRICS_TOKEN"


def test_addresses_that_are_right_are_taken() -> None:
    given = {
        "SMTP": "smtps://bot:w%40rd@mail.example.org:465", "DATABASE_URL": "postgresql:///town?host=/run/postgresql",
        "PUBLIC_URL": "https://care.example.org/", "HOSTS": "a.example, b.example,*.c.example", "HOST": "::1",
        "SSO_ISSUER": "http://localhost:9000/realms/x", "SSO_CLIENT_ID": "a", "SSO_CLIENT_SECRET": "b",
        "SSO_DOMAINS": "example.org",
    }  # fmt: skip
    found = load_settings(environment={f"TOWNHALL_{name}": value for name, value in given.items()})
    assert (found.smtp, found.hosts, found.proxies) == (given["SMTP"], given["HOSTS"], 0)


def test_a_child_reads_the_same(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=1, metrics_token="m", datasets=tmp_path / "sets")
    assert asdict(load_settings(environment=as_environment(settings))) == asdict(settings)


def test_a_misspelt_variable_is_named_and_what_is_not_ours_is_passed_over(tmp_path: Path) -> None:
    with pytest.raises(
        BadSetting, match=r"TOWNHALL_WORKRES in the environment.*did you mean TOWNHALL_WORKERS"
    ):
        load_settings(tmp_path, {"TOWNHALL_WORKRES": "4"})
    others = {
        "TOWNHALL_TORTURE": "1000",
        "TOWNHALL_PARENT_PIPE": "3",
        "TOWNHALL_DSN": "x",
        "TOWNHALL_WORKER_DSN": "x",
    }
    assert load_settings(tmp_path, others).workers == 1
