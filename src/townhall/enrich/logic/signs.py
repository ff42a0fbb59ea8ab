"""The cheap signs of each sort of personal data, for the gate: too wide rather than too narrow.

Long repeats stand in patterns where case matters (``(?i)`` then folds plain letters only): with all of Unicode they take
a second to compile. Each must hold wherever the exact finder of its sort finds something; a test holds them to that.
"""

from townhall.enrich.logic.gate import Pattern

_MARKS_OF_SECRETS = (
    r"-----BEGIN|AKIA|ASIA|AROA|AIDA|gh[pousr]_|github_pat_|gl[a-z]{2,3}-|xox[a-z]-|xapp-|slack\.com/serv|[srp]k_(?:live|test)_|"
    r"whsec_|AIza|ya29\.|GOCSPX|\bsk-|eyJ|SG\.|\b(?:SK|AC)[0-9a-f]{8}|npm_|pypi-|hf_|\d:AA|do[opr]_v1_|shp[a-z]{2}_|AGE-SECRET"
)
_WORDS_OF_SECRETS = (
    r"bearer|key|token|secret|cvv|cvc|cvn|security code|card code|passw|passcode|passphrase|"
    r"pw|kennwort|contrase|clave|senha|mot de passe|mdp|wachtwoord|parola|has[lł]o|l[öo]senord|salasana|"
    r"adgangskode|passord|[sş]ifre|пароль|密码|密碼|パスワード"
)
_WORDS_OF_BIRTH = r"dob|d\.o\.b|birth|born|geboren|geburt|naissance|nacimiento|nacid[oa]|nascimento|nascita|nat[oa] il|n[ée]e? le"
_WORDS_OF_PAPERS = r"ssn|social security|passport|licen[cs]e|national id|id card|personalausweis|reisepass|pasaporte|passeport"
_WORDS_OF_PHONES = "phone|tel|mobile|cell|fax|whatsapp|handy|t[éÉ]l[éÉ]phone|m[óÓ]vil|call|text|ring|reach|answering at|messages? to|my number"
_STREETS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|square|sq|terrace|close|"
    "crescent|parkway|pkwy|highway|hwy|circle|cir|trail|trl|row|mews|gardens|grove"
)
_STREETS_BEFORE_NUMBER = (
    r"(?:stra(?:ß|ss)e|str\.|weg|gasse|allee|platz|straat|laan|gatan|vägen|vej) \d|\d,? (?:bis |ter )?(?:rue|avenue|boulevard|chemin|impasse|allée) |"
    r"(?:calle|avenida|av\.|plaza|via|viale|piazza|corso|rua|travessa) "
)
SIGNS: tuple[Pattern, ...] = (
    # sort, pattern, whether case matters
    ("card", r"\d(?:[^0-9A-Za-z@]{0,4}\d){11}", True),
    ("secret", _MARKS_OF_SECRETS, True),
    ("secret", r"://[^\s:/@]{1,64}:[^\s:/@]{3}", True),
    ("secret", _WORDS_OF_SECRETS, False),
    ("iban", r"[^a-z0-9][a-z]{2}\d{2}(?:[ \-]?[a-z0-9]){11}", False),
    ("email", r"[a-z0-9._%+\-]@[a-z0-9\-]+\.[a-z]", False),
    ("phone", r"[^\w@#/.+\-](?:\+|00)[1-9](?:[ ().\-/]{0,3}\d){7}", True),
    ("phone", r"[2-9]\d{2}\)?[ .\-]?[2-9]\d{2}[ .\-]\d{4}", True),
    ("phone", r"[^\w@#/.+\-]\(?0(?:\d{1,4}\)?[ .\-/]{1,2}\d{2}|[1-9]\d{8})", True),
    ("phone", rf"(?i)[^\w](?:{_WORDS_OF_PHONES})[^0-9]{{0,30}}\d(?:[ ().\-/]{{0,2}}\d){{6}}", True),
    (
        "national_id",
        r"\d{3}[ \-]\d{2}[ \-]\d{4}|\d{3}\.\d{3}\.\d{3}-|\d{4}[ \-]\d{4}[ \-]\d{4}|\d{7,8}-?[a-z]",
        False,
    ),
    ("national_id", r"[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]|(?:\d ?){14}", False),
    ("national_id", _WORDS_OF_PAPERS, False),
    ("birth_date", _WORDS_OF_BIRTH, False),
    ("street", rf"[ .](?:{_STREETS})[^a-z]", False),
    ("address", rf"{_STREETS_BEFORE_NUMBER}|box \d|[a-z]\d[a-z\d]? \d[a-z]{{2}}[^a-z]", False),
    ("ip", r"\d\.\d{1,3}\.\d{1,3}\.\d|[0-9a-f]?:[0-9a-f]{0,4}:[0-9a-f]", False),
)
"""Sort of personal data, pattern, whether case matters."""
