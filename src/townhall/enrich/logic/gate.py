"""The cheap question asked of a whole batch: which texts could hold which sort of personal data?

One Hyperscan pass over all texts laid end to end, then a search for the text each hit ends in. The gate may
say yes too often, never no: whoever passes is judged again by the exact finders.
"""

import threading
from collections.abc import Iterable, Sequence

import hyperscan
import numpy as np

_MARKS_OF_SECRETS = (
    r"-----BEGIN|AKIA|ASIA|AROA|AIDA|gh[pousr]_|github_pat_|gl[a-z]{2,3}-|xox[a-z]-|xapp-|slack\.com/serv|[srp]k_(?:live|test)_|"
    r"whsec_|AIza|ya29\.|GOCSPX|\bsk-|eyJ|SG\.|\b(?:SK|AC)[0-9a-f]{8}|npm_|pypi-|hf_|\d:AA|do[opr]_v1_|shp[a-z]{2}_|AGE-SECRET"
)
_WORDS_OF_SECRETS = (
    r"bearer|://[^\s:/@]{1,64}:[^\s:/@]{3}|key|token|secret|cvv|cvc|cvn|security code|card code|passw|passcode|passphrase|"
    r"pw|kennwort|contrase|clave|senha|mot de passe|mdp|wachtwoord|parola|has[lł]o|l[öo]senord|salasana|"
    r"adgangskode|passord|[sş]ifre|пароль|密码|密碼|パスワード"
)
_FOREIGN = "٠-٩۰-۹०-९০-৯๐-๙０-９"
_WORDS_OF_BIRTH = r"dob|d\.o\.b|birth|born|geboren|geburt|naissance|nacimiento|nacid[oa]|nascimento|nascita|nat[oa] il|n[ée]e? le"
_WORDS_OF_PAPERS = r"ssn|social security|passport|licen[cs]e|national id|id card|personalausweis|reisepass|pasaporte|passeport"
_STREETS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|square|sq|terrace|close|"
    "crescent|parkway|pkwy|highway|hwy|circle|cir|trail|trl|row|mews|gardens|grove"
)
_STREETS_BEFORE_NUMBER = (
    r"(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz|straat|laan|gatan|vägen|vej) \d|\d,? (?:bis |ter )?(?:rue|avenue|boulevard|chemin|impasse|allée) |"
    r"(?:calle|avenida|av\.|plaza|via|viale|piazza|corso|rua|travessa) "
)
_PATTERNS: tuple[tuple[str, str, bool], ...] = (
    # sort, pattern, whether case matters
    ("card", r"\d(?:[^0-9A-Za-z]{0,4}\d){11}", True),
    ("card", rf"[{_FOREIGN}](?:[^A-Za-z]{{0,4}}[{_FOREIGN}0-9]){{5}}", True),
    ("secret", _MARKS_OF_SECRETS, True),
    ("secret", _WORDS_OF_SECRETS, False),
    ("iban", r"[^a-z0-9][a-z]{2}\d{2}(?:[ \-]?[a-z0-9]){11}", False),
    ("email", r"[a-z0-9._%+\-]@[a-z0-9\-]+\.[a-z]", False),
    ("phone", r"\d(?:[^0-9A-Za-z]{0,3}\d){6}", True),
    (
        "national_id",
        r"\d{3}[ \-]\d{2}[ \-]\d{4}|\d{3}\.\d{3}\.\d{3}-|\d{4}[ \-]\d{4}[ \-]\d{4}|\d{7,8}-?[a-z]",
        False,
    ),
    ("national_id", r"[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]|(?:\d ?){14}", False),
    ("national_id", _WORDS_OF_PAPERS, False),
    ("birth_date", _WORDS_OF_BIRTH, False),
    (
        "address",
        rf"[ .](?:{_STREETS})[^a-z]|{_STREETS_BEFORE_NUMBER}|box \d|[a-z]\d[a-z\d]? \d[a-z]{{2}}[^a-z]",
        False,
    ),
    ("ip", r"\d\.\d{1,3}\.\d{1,3}\.\d|[0-9a-f]?:[0-9a-f]{0,4}:[0-9a-f]", False),
)
_SORTS = tuple(dict.fromkeys(sort for sort, _, _ in _PATTERNS))
# Between two texts: a letter, so that no run of digits reaches over, and a zero so that no word does.
_BORDER = b"\x00A\x00"
_ANY_CASE = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_UCP


def sorts_of(bits: int) -> Iterable[str]:
    """The sorts named by a text's bits."""
    return [sort for place, sort in enumerate(_SORTS) if bits >> place & 1]


class Gate:
    """The compiled patterns. Safe to share: every thread scans with a database of its own."""

    def __init__(self) -> None:
        self._own = threading.local()

    def open(self, texts: Sequence[str], sorts: tuple[str, ...] = _SORTS) -> dict[int, int]:
        """The places of the texts that may hold one of these sorts, each with its bits."""
        blocks = [text.encode("utf-8", "replace") for text in texts]
        hits: list[tuple[int, int]] = []
        self._database(sorts).scan(
            _BORDER.join(blocks),
            match_event_handler=lambda sort, _start, end, _flags, _: hits.append((sort, end)),
        )
        return _by_text(hits, blocks) if hits else {}

    def _database(self, sorts: tuple[str, ...]) -> hyperscan.Database:
        databases: dict[tuple[str, ...], hyperscan.Database] = self._own.__dict__.setdefault("databases", {})
        if sorts not in databases:
            databases[sorts] = _compile(sorts)
        return databases[sorts]


def _by_text(hits: list[tuple[int, int]], blocks: Sequence[bytes]) -> dict[int, int]:
    sizes = np.fromiter(map(len, blocks), np.int64, len(blocks)) + len(_BORDER)
    borders = np.cumsum(sizes) + len(_BORDER)
    found: dict[int, int] = {}
    for place, (sort, _) in zip(
        np.searchsorted(borders, [end - 1 for _, end in hits], "right").tolist(), hits, strict=True
    ):
        found[place] = found.get(place, 0) | 1 << sort
    return found


def _compile(sorts: tuple[str, ...]) -> hyperscan.Database:
    chosen = [pattern for pattern in _PATTERNS if pattern[0] in sorts]
    database = hyperscan.Database()
    database.compile(
        expressions=[pattern.encode() for _, pattern, _ in chosen],
        ids=[_SORTS.index(sort) for sort, _, _ in chosen],
        flags=[hyperscan.HS_FLAG_UTF8 | (0 if cased else _ANY_CASE) for *_, cased in chosen],
    )
    return database
