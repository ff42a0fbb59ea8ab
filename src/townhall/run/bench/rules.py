"""A policy as large as a firm's that has one for every product: many rules of the kinds that people write, many queues."""

from townhall.flow.opening import starter

_KINDS = (
    "['{a}{n}', '{b} {n}', '{c}-{n}'].exists(word, post.text.lowerAscii().contains(word))",
    "post.intent == 'complaint' && post.text.lowerAscii().contains('{a} {n}')",
    "post.question && post.language == '{language}' && post.text.lowerAscii().contains('{b}{n}')",
    "post.text.lowerAscii().matches('\\\\b({a}|{b}) (no|number) ?{n}\\\\b')",
    "author.handle == '{c}{n}' && post.sentiment < 0",
    "post.text.lowerAscii().contains('{c} {n}') && now.hour >= {hour}",
    "post.language == '{language}' && post.text.lowerAscii().matches('\\\\b{a}s?{n}\\\\b')",
)
_WORDS = (
    "router",
    "bill",
    "tablet",
    "fibre",
    "roaming",
    "voucher",
    "handset",
    "tariff",
    "parcel",
    "order",
    "refund",
)
_LANGUAGES = ("en", "de", "es", "fr")
_EFFECTS = ("answer", "route", "answer_private")


def large_policy(rules: int, queues: int) -> str:
    """The starter policy with that many rules more, which send to that many queues. The same for the same numbers."""
    return starter() + "".join(_rule(number, queues) for number in range(rules))


def _rule(number: int, queues: int) -> str:
    words = [_WORDS[(number + step) % len(_WORDS)] for step in range(3)]
    when = _KINDS[number % len(_KINDS)].format(
        a=words[0], b=words[1], c=words[2], n=100 + number, hour=number % 24, language=_LANGUAGES[number % 4]
    )
    return (
        f"\n  - id: made-{number}\n    owner: product {number}\n    reason: Product {number} has people of its own.\n"
        f"    when: >\n      {when}\n    effect: {_EFFECTS[number % 3]}\n    queue: queue-{number % max(1, queues)}\n"
        "    targets: {first_response: 2h, next_response: 4h}\n"
    )
