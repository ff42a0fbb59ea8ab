# ruff: noqa: SIM905 (word lists read better as prose than as sixty quoted strings)
"""Secrets in free text: keys and tokens by their published shapes, and what follows the word "password".

Shapes are those that the issuers document so that scanners can find them (prefix, alphabet, length).
"""

import re
from collections.abc import Iterator

from townhall.kernel.finding import Finding

_SHAPES: tuple[tuple[str, str, str], ...] = (
    # reason, what its lower-case text must hold to be worth a closer look, shape
    (
        "a private key",
        "-----begin",
        r"-----BEGIN [A-Z ]{0,24}PRIVATE KEY-----(?:[^-]{0,8000}-----END [A-Z ]{0,24}PRIVATE KEY-----)?",
    ),
    ("an AWS access key id", "akia asia aroa aida", r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b"),
    (
        "a GitHub token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        r"\bgh[pousr]_[A-Za-z0-9]{30,255}\b|\bgithub_pat_[A-Za-z0-9_]{22,255}\b",
    ),
    ("a GitLab token", "glpat- gldt- glrt- gloas- glcbt-", r"\bgl(?:pat|dt|rt|oas|cbt)-[A-Za-z0-9_-]{20,64}"),
    ("a Slack token", "xox xapp-", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,255}|\bxapp-[A-Za-z0-9-]{10,255}"),
    ("a Slack webhook", "slack.com", r"hooks\.slack\.com/services/[A-Za-z0-9/_-]{20,120}"),
    (
        "a Stripe key",
        "_live_ _test_ whsec_",
        r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255}\b|\bwhsec_[A-Za-z0-9+/=]{16,128}",
    ),
    (
        "a Google API key",
        "aiza ya29. gocspx",
        r"\bAIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{20,255}|\bGOCSPX-[A-Za-z0-9_-]{20,64}",
    ),
    ("an API key", "sk-", r"\bsk-(?:[A-Za-z]{2,8}-)?[A-Za-z0-9_-]{20,255}"),
    ("a JSON web token", "eyj", r"\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}"),
    ("a SendGrid key", "sg.", r"\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"),
    ("a Twilio key", "sk ac", r"\b(?:SK|AC)[0-9a-f]{32}\b"),
    (
        "a package registry token",
        "npm_ pypi- hf_",
        r"\bnpm_[A-Za-z0-9]{30,64}\b|\bpypi-[A-Za-z0-9_-]{32,255}|\bhf_[A-Za-z0-9]{30,64}\b",
    ),
    ("a bot token", ":aa", r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    ("a DigitalOcean token", "_v1_", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    ("a Shopify token", "shp", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    ("an age secret key", "age-secret", r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,64}"),
    ("a bearer token", "bearer", r"(?i:\bbearer[ \t]{1,4})(?P<bearer>[A-Za-z0-9_.~+/-]{20,2000}={0,2})"),
    (
        "a password in an address",
        "://",
        r"\b[a-z][a-z0-9+.-]{1,12}://[^\s:/@]{1,64}:(?P<userinfo>[^\s:/@]{3,128})@",
    ),
    (
        "a key after its name",
        "key token secret",
        r"(?i:\b(?:api|access|secret|private|client|auth)[ _-]?(?:key|token|secret)\b|\baws_secret_access_key\b|\btoken\b)"
        r"[ \t]{0,3}[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?(?P<named>[A-Za-z0-9_./+~-]{16,255}={0,2})",
    ),
    (
        "a card security code",
        "cvv cvc cvn code",
        r"(?i:\b(?:cvv2?|cvc2?|cvn|security code|card code)\b)[^\w\n]{0,4}(?i:is )?[ ]?(?P<code>\d{3,4})\b",
    ),
)
_SHAPE_RE = tuple(
    (reason, tuple(hints.split(" ")), re.compile(pattern)) for reason, hints, pattern in _SHAPES
)

_ITS_WORDS = (
    "password|passwd|passcode|passphrase|pwd|pw|passwort|kennwort|contraseña|contrasena|clave|senha|mot de passe|mdp|"
    "wachtwoord|parola d'ordine|parola|hasło|haslo|lösenord|losenord|salasana|adgangskode|passord|şifre|sifre|пароль|密码|密碼|パスワード"
)
_PASSWORD = re.compile(
    rf"(?i:(?<!\w)(?:{_ITS_WORDS}))[\"']?(?:[ \t]{{0,3}}(?P<sign>[:=：]|=>|->)[ \t]{{0,3}}|[ \t]{{1,3}}(?i:is|ist|est|es|é)[ \t]{{1,3}}:?[ \t]{{0,3}})"
    r"[\"'“«]?(?P<value>[^\s\"”»]{3,128})"
)
_REMOVED = re.compile(r"\[?(?:password|secret|card)\b", re.IGNORECASE)
_ORDINARY = frozenset(
    "can't cant cannot won't wont doesn't doesnt isn't isnt not no how why what when where who the this that it its i i'm "
    "my your please pls and or but reset forgot forgotten help need wrong incorrect invalid expired required changed "
    "still just unable never always yes ok okay thanks nothing something anything correct working lost too also "
    "being been very again only all now here there http https".split()
)


def _is_value(value: str, after_sign: bool) -> bool:
    """Whether this word is a password rather than the next word of the sentence."""
    bare = value.rstrip(".,;:!?)").lower()
    if len(bare) < 3 or bare in _ORDINARY or _REMOVED.match(value):
        return False
    return after_sign or any(not c.isalpha() and c not in "'’-" for c in bare)


def _passwords(text: str) -> Iterator[Finding]:
    for hit in _PASSWORD.finditer(text):
        value = hit["value"]
        if _is_value(value, hit["sign"] is not None):
            start = hit.start("value")
            yield Finding(
                "password",
                start,
                start + len(value.rstrip(".,;)") or value),
                "what follows a word for password",
                0.9,
            )


def find_secrets(text: str) -> list[Finding]:
    """Keys, tokens, security codes and passwords in the text, as findings that hold none of them."""
    found = list(_passwords(text))
    lower = text.lower()
    for reason, hints, pattern in _SHAPE_RE:
        if not any(hint in lower for hint in hints):
            continue
        for hit in pattern.finditer(text):
            start, end = hit.span(hit.lastgroup) if hit.lastgroup else hit.span()
            found.append(Finding("secret", start, end, reason, 0.95))
    return found
