"""What a policy may ask about a post: one flat typed record, and the CEL name and type of each field."""

from msgspec import Struct

from townhall.kernel.clock import Instant


class Context(Struct, frozen=True, gc=False, omit_defaults=True):
    """A post as it is judged. Stored with its verdict, so that the verdict can be derived again.

    Probabilities are 0 to 1, ``sentiment`` is -1, 0 or 1, ``length`` counts code points, ``hour`` (0 to 23) and
    ``weekday`` (0 is Monday) are those of the brand's own zone, ``open`` is whether its calendar is. ``author_posts`` and
    ``thread_posts`` count before this post. ``at`` is the post's own time, which decides the rules in force.
    ``near_copies`` are posts much like it by others within the hour before; ``imitates_p`` is how surely the author's name passes
    itself off as one of ours; ``signs`` say why for what passed its floor.
    What the house has known of the author before is looked up only where the brand's policy asks (``looked_up``); counts are -1
    where nobody did, and stop at 100. New fields only ever come at the end and with a default, so that contexts that were stored
    stay readable: a chance of 0 may be one that was not kept then. ``read_by`` are digests of the models that read it, which no rule can ask for: of the shipped ones together, and
    of the brand's own by head.
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
    abuse_p: float = 0.0
    spam_p: float = 0.0
    urgent_p: float = 0.0
    link_risk: float = 0.0
    near_copies: int = 0
    imitates_p: float = 0.0
    signs: tuple[str, ...] = ()
    looked_up: bool = False
    author_posts: int = -1
    author_cases: int = -1
    author_cases_open: int = -1
    author_tier: str = ""
    author_followers: int = -1
    answered_before: bool = False
    read_by: str = ""
    sentiment_p: float = 0.0
    intent_p: float = 0.0


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
    "author.posts": ("author_posts", "int"),
    "author.cases": ("author_cases", "int"),
    "author.cases_open": ("author_cases_open", "int"),
    "author.tier": ("author_tier", "string"),
    "author.followers": ("author_followers", "int"),
    "history.answered_before": ("answered_before", "bool"),
    "thread.posts": ("thread_posts", "int"),
    "thread.ours_last": ("thread_ours_last", "bool"),
    "channel.kind": ("channel", "string"),
    "channel.account": ("account", "string"),
    "brand.slug": ("brand", "string"),
    "now.hour": ("hour", "int"),
    "now.weekday": ("weekday", "int"),
    "now.open": ("open", "bool"),
    "post.abuse_p": ("abuse_p", "double"),
    "post.spam_p": ("spam_p", "double"),
    "post.urgent_p": ("urgent_p", "double"),
    "post.link_risk": ("link_risk", "double"),
    "post.near_copies": ("near_copies", "int"),
    "post.signs": ("signs", "list(string)"),
    "author.imitates_p": ("imitates_p", "double"),
    "post.sentiment_p": ("sentiment_p", "double"),
    "post.intent_p": ("intent_p", "double"),
}
"""CEL name → (attribute of ``Context``, CEL type)."""

LOOKED_UP = frozenset(
    {
        "author.posts",
        "author.cases",
        "author.cases_open",
        "author.tier",
        "author.followers",
        "history.answered_before",
    }
)
"""Names whose values cost a look into what is stored; they are read where a policy in force speaks of one."""

BOUNDS: dict[str, tuple[float, float]] = {
    "post.question_p": (0, 1), "post.complaint_p": (0, 1), "post.sentiment": (-1, 1), "thread.posts": (0, 1_000_000),
    "post.sentiment_p": (0, 1), "post.intent_p": (0, 1), "now.hour": (0, 23), "now.weekday": (0, 6), "post.abuse_p": (0, 1), "post.spam_p": (0, 1), "post.urgent_p": (0, 1),
    "post.link_risk": (0, 1), "author.imitates_p": (0, 1), "post.near_copies": (0, 1_000_000),
    "author.posts": (-1, 100), "author.cases": (-1, 100), "author.cases_open": (-1, 100),
    "author.followers": (-1, 1_000_000_000),
}  # fmt: skip
"""CEL name of a number → the least and the greatest that it can be."""

FREE = (0, 20_000)
"""The bounds of a number without bounds of its own: a length."""
