"""A thousand signs for benchmarks: made-up brands with their handles and hosts, products, and what people say of them."""

from townhall.intake.logic.listening import Sign

_FIRST = ("harbour", "fern", "north", "castle", "bright", "silver", "oak", "river", "copper", "lark")
_LAST = ("tel", "hill", "line", "ware", "bank", "air", "rail", "mart")
_THINGS = (
    "router", "broadband", "refund", "parcel", "voucher", "roaming", "tablet", "contract", "invoice", "handset",
    "luggage", "boarding", "upgrade", "delivery", "engineer", "warranty", "cashback", "overdraft", "mortgage", "fibre",
)  # fmt: skip
_WORDS = (
    "lost", "late", "broken", "missing", "new", "cancelled", "delayed", "faulty", "wrong", "free", "charged", "my", "the",
    "your", "no", "slow", "second", "same", "old", "another", "damaged", "locked", "expired", "blocked", "premium",
    "family", "student", "business", "weekend", "night",
)  # fmt: skip


def thousand_signs() -> list[Sign]:
    """80 brands with four sure signs each, 20 doubtful words, and sure phrases of two words up to a thousand."""
    names = [first + last for first in _FIRST for last in _LAST]
    sure = [Sign(shape.format(name)) for name in names for shape in ("@{}", "#{}", "{}", "{}.example")]
    doubtful = [Sign(thing, sure=False) for thing in _THINGS]
    phrases = [Sign(f"{word} {thing}") for word in _WORDS for thing in _THINGS]
    spelled = [Sign(f"{first} {last}*") for first in _FIRST for last in _LAST]
    return [*sure, *doubtful, *spelled, *phrases][:1000]
