"""What Django is told. Everything that differs between installations comes from the environment that ``run`` sets.

``TOWNHALL_DSN`` is how this process reaches the database (libpq words or URL); pages use the role ``townhall_web``,
migrations the owner. ``TOWNHALL_ADDRESS`` is the address people type, ``TOWNHALL_SECRET`` signs sessions.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from psycopg.conninfo import conninfo_to_dict

from townhall.run.sso_settings import sso_provider

_SOURCE = Path(__file__).resolve().parent.parent
_ADDRESS = urlsplit(os.environ.get("TOWNHALL_ADDRESS", "http://localhost:8000"))
_TLS = _ADDRESS.scheme == "https"
_HOSTS = os.environ.get("TOWNHALL_HOSTS", "")

SECRET_KEY = os.environ.get("TOWNHALL_SECRET", "only-for-migrations-and-tests-never-for-serving")
DEBUG = False
ALLOWED_HOSTS = [
    _ADDRESS.hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, (host.strip() for host in _HOSTS.split(","))),
]
CSRF_TRUSTED_ORIGINS = [f"{_ADDRESS.scheme}://{_ADDRESS.netloc}"]

_ROOMS = ("people", "journal", "intake", "enrich", "policy", "routing", "care", "beside", "outbound", "archive", "analytics",
          "community", "flow")  # fmt: skip
ROOM_APPS = [
    f"townhall.{room}" for room in _ROOMS if (_SOURCE / room / "migrations" / "__init__.py").exists()
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    *ROOM_APPS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "townhall.web.pages.brand.BrandMiddleware",
]
ROOT_URLCONF = "townhall.web.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_SOURCE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "townhall.web.pages.frame.frame",
            ],
            "builtins": [
                "townhall.web.pages.words",
                "townhall.web.pages.when",
                "townhall.web.pages.policy_words",
                "townhall.web.pages.deed_words",
                "townhall.web.pages.incident_words",
                "townhall.web.pages.way_words",
                "townhall.web.pages.account_words",
                "townhall.web.pages.label_words",
                "townhall.web.pages.retention_words",
                "townhall.web.pages.role_words",
            ],
        },
    }
]


def _database(dsn: str) -> dict[str, object]:
    """A libpq connection string as Django wants it."""
    parts = conninfo_to_dict(dsn) if dsn else {"dbname": "townhall"}
    name = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    known = {name[word]: str(value) for word, value in parts.items() if word in name}
    rest = {word: value for word, value in parts.items() if word not in name}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **known,
        # each request has a thread of its own, which a connection cannot outlive: so a pool, not CONN_MAX_AGE
        "OPTIONS": rest
        | ({"pool": {"min_size": 1, "max_size": 8}} if "web" in str(parts.get("user", "")) else {}),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 0,
    }


DATABASES = {"default": _database(os.environ.get("TOWNHALL_DSN", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_ADAPTER = "townhall.web.pages.sign_in.StaffAdapter"
ACCOUNT_FORMS = {"login": "townhall.web.pages.sign_in.StaffLoginForm"}
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TOWNHALL_PROXIES", "0"))
SOCIALACCOUNT_ADAPTER = "townhall.web.pages.sso.StaffProvider"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_PROVIDERS = sso_provider(os.environ)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _TLS
MFA_FORMS = {"add_webauthn": "townhall.web.pages.sign_in.PasskeyForm"}
MFA_TOTP_ISSUER = "Townhall"

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _TLS
SESSION_COOKIE_NAME = "__Host-townhall" if _TLS else "townhall"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "townhall.web.pages.errors.csrf"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 63072000 if _TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _TLS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

FILE_UPLOAD_MAX_MEMORY_SIZE = 20 << 20  # a picture and its form (web.bounds): none lies unsealed on the disk

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [_SOURCE / "web" / "static"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
SILENCED_SYSTEM_CHECKS = ["fields.W342"]
LOGGING_CONFIG = None
