"""Something noticed in a text: personal data, a secret, a forbidden word, a risky link."""

from typing import Literal

from msgspec import Struct

FindingKind = Literal[
    "card", "iban", "email", "phone", "national_id", "address", "birth_date", "ip", "secret", "password",
    "forbidden_term", "required_term", "lookalike_link", "shortened_link", "wrong_account", "too_long",
    "context_leak", "unsafe_link", "target_deleted", "already_said", "wrong_audience", "empty_text", "too_many_media",
    "needs_approval", "author_asks", "no_alt_text", "long_alt_text",
]  # fmt: skip


class Finding(Struct, frozen=True, gc=False):
    """Where (``start``/``end`` in code points of the text judged) and why. Never holds the value found.

    ``picture`` counts from 1 and says whose words these are; 0: those of the text itself."""

    kind: FindingKind
    start: int
    end: int
    reason: str = ""
    certainty: float = 1.0
    picture: int = 0
