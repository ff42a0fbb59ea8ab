"""What a policy may ask about a post: one flat typed record, and the CEL name and type of each field."""

from msgspec import Struct

from townhall.kernel.clock import Instant


class Context(Struct, frozen=True, gc=False):
    """A post as it is judged. Stored with its verdict, so that the verdict can be derived again.

    Probabilities are 0 to 1, ``sentiment`` is -1, 0 or 1, ``length`` counts code points, ``hour`` (0 to 23) and
    ``weekday`` (0 is Monday) are those of the brand's own zone, ``open`` is whether its calendar is. ``author_posts`` and
    ``thread_posts`` count before this post. ``at`` is the post's own time, which decides the rules in force.
    """

    text: str = ""
    language: str = ""
    question: bool = False
    question_p: float = 0.0
    intent: str = ""
    sentiment: int = 0
    complaint_p: float = 0.0
    has_media: bool = False
    length: int = 0
    finding_kinds: tuple[str, ...] = ()
    visibility: str = "public"
    is_reply: bool = False
    author_handle: str = ""
    author_known: bool = False
    thread_posts: int = 0
    thread_ours_last: bool = False
    channel: str = ""
    account: str = ""
    brand: str = ""
    hour: int = 0
    weekday: int = 0
    open: bool = True
    at: Instant = 0


FIELDS: dict[str, tuple[str, str]] = {
    "post.text": ("text", "string"),
    "post.language": ("language", "string"),
    "post.question": ("question", "bool"),
    "post.question_p": ("question_p", "double"),
    "post.intent": ("intent", "string"),
    "post.sentiment": ("sentiment", "int"),
    "post.complaint_p": ("complaint_p", "double"),
    "post.has_media": ("has_media", "bool"),
    "post.length": ("length", "int"),
    "post.findings": ("finding_kinds", "list(string)"),
    "post.visibility": ("visibility", "string"),
    "post.is_reply": ("is_reply", "bool"),
    "author.handle": ("author_handle", "string"),
    "author.known": ("author_known", "bool"),
    "thread.posts": ("thread_posts", "int"),
    "thread.ours_last": ("thread_ours_last", "bool"),
    "channel.kind": ("channel", "string"),
    "channel.account": ("account", "string"),
    "brand.slug": ("brand", "string"),
    "now.hour": ("hour", "int"),
    "now.weekday": ("weekday", "int"),
    "now.open": ("open", "bool"),
}
"""CEL name → (attribute of ``Context``, CEL type)."""
