"""How a text goes out on X, how long it counts and what it costs. Pure.

Source: twitter-text's published configuration, version 3: weights per code point in hundredths, every address 23,
every emoji 2, after NFC. Prices: X's pricing page, in millionths of a US dollar.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from townhall.channels.port import Outgoing
from townhall.kernel.errors import Refused

MAX_LENGTH = 280
MAX_MESSAGE = 10_000
URL_LENGTH = 23
READ, MESSAGE, POST, POST_WITH_URL = 5_000, 10_000, 15_000, 200_000
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_NAMES = "com|org|net|info|biz|edu|gov|app|dev|shop|store|online|site|xyz|co|tv"
_COUNTRIES = "ai|at|au|be|br|ca|ch|cn|de|dk|es|eu|fi|fr|ie|in|io|it|jp|kr|me|mx|nl|no|nz|pl|pt|ru|se|uk|us|za"
_LABEL = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)"
_PATH = r"/[^\s<>\"]{0,4096}"
_URL = re.compile(
    r"https?://[^\s<>\"]{1,4096}|(?<![@\w.-])(?:"
    + rf"{_LABEL}{{1,8}}(?:{_NAMES})(?![\w@-])(?:{_PATH})?"
    + rf"|{_LABEL}{{2,8}}(?:{_COUNTRIES})(?![\w@-])(?:{_PATH})?"
    + rf"|{_LABEL}(?:{_COUNTRIES}){_PATH})",
    re.IGNORECASE,
)
"""What X makes an address of. Without a scheme, a country's name alone ("done.It") needs a path or one label more."""
_BASE = "[\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299]"
_ONE = f"(?:{_BASE}\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]{{0,16}}|[\u00a9\u00ae]\ufe0f)"
_EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE}){{0,16}}|[\U0001f3fb-\U0001f3ff]"
)
_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_CONVERSATION = re.compile(r"[0-9]{1,19}-[0-9]{1,19}|[0-9]{15,19}", re.ASCII)
_LEADING_NAMES = re.compile(r"^(?:@\w{1,20}\s+)+")


def length(text: str) -> int:
    """How much of the 280 the text uses."""
    rest, addresses = _URL.subn("", unicodedata.normalize("NFC", text))
    rest, emoji = _EMOJI.subn("", rest)
    return addresses * URL_LENGTH + emoji * 2 + sum(_weight(ord(character)) for character in rest)


def price(out: Outgoing) -> int:
    """What sending it costs, in millionths of a US dollar."""
    if out.visibility == "direct":
        return MESSAGE
    return POST_WITH_URL if _URL.search(out.text) else POST


def request_of(out: Outgoing) -> tuple[str, dict[str, Any]]:
    """The path and the JSON body of the call. Raises ``Refused`` for what X cannot do."""
    if out.visibility == "direct":
        text = _fitting(out.text, len(out.text), MAX_MESSAGE)
        return _message_path(out), {"text": text} if text.strip() else {}
    if out.visibility != "public":
        raise Refused(f"X has no {out.visibility} posts: make it public or a direct message")
    body: dict[str, Any] = {"text": _fitting(out.text, length(out.text), MAX_LENGTH)}
    if out.in_reply_to:
        body["reply"] = {"in_reply_to_tweet_id": numeric(out.in_reply_to)}
    return "/2/tweets", body


def named(media: Sequence[str], private: bool) -> dict[str, Any]:
    """What a body says of pictures that were handed in."""
    if private:
        return {"attachments": [{"media_id": one} for one in media]}
    return {"media": {"media_ids": list(media)}}


def numeric(native_id: str) -> str:
    """An id that is one: digits alone, safe in a path."""
    if not _NUMBER.fullmatch(native_id):
        raise Refused(f"{native_id[:40]!r} is not an id of X")
    return native_id


def conversation_path(out: Outgoing) -> str:
    """Where the messages with this person are: by their id, else by the conversation's."""
    if _NUMBER.fullmatch(out.recipient):
        return f"/2/dm_conversations/with/{out.recipient}"
    if _CONVERSATION.fullmatch(out.conversation):
        return f"/2/dm_conversations/{out.conversation}"
    raise Refused("a direct message on X needs the person's numeric id or the conversation's")


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same: X puts the names of those answered in front, and trims spaces."""
    return _bare(one) == _bare(other)


def _message_path(out: Outgoing) -> str:
    return f"{conversation_path(out)}/messages"


def _fitting(text: str, used: int, limit: int) -> str:
    if used > limit:
        raise Refused(f"the text counts {used}, X takes {limit}")
    return text


def _bare(text: str) -> str:
    return "".join(_LEADING_NAMES.sub("", unicodedata.normalize("NFC", text).strip()).split())


def _weight(code: int) -> int:
    return 1 if any(low <= code <= high for low, high in _LIGHT) else 2
