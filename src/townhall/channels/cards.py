"""Each channel's card as a page of documentation.

``python -m townhall.channels.cards docs/channels`` writes them; a test holds the pages to the cards.
"""

import sys
from pathlib import Path

from townhall.channels.port import Card
from townhall.channels.registry import CHANNELS

_ASKS = {
    "operator": "nothing: the firm's own rules hold",
    "follows_author": "to follow the author: what is deleted there is shown to nobody here",
    "follows_author_24h": "to follow the author within 24 hours, unless a law asks to keep it",
}
_GUARANTEE = {
    "exactly_once_by_readback": "exactly once, by reading back",
    "at_most_once_doubtful": "at most once; what is unclear becomes doubtful",
}


def render(card: Card) -> str:
    """The page of one channel, in Markdown."""
    limit = f"{card.max_length}: {card.length_rule}" if card.max_length else card.length_rule
    rows = [
        ("Reads", ", ".join(card.reads)),
        ("Writes", ", ".join(card.writes) or "nothing"),
        ("Length", limit),
        ("Hides and reports", _deeds(card)),
        ("Pictures in a reply", _pictures(card)),
        ("Private reply", "yes" if card.private_reply else "no"),
        ("Customers write in private at", _address(card.message_us)),
        ("By hand, people of ours do at", _address(card.message_them)),
        ("Edits and deletions seen", f"{_yes(card.edits)} and {_yes(card.deletions)}"),
        ("Proof of authenticity", card.proof),
        ("Delivery", _GUARANTEE[card.delivery_guarantee]),
        ("When an author deletes, its terms ask", asks(card)),
        ("Cost", card.cost_note),
        ("Tested against", f"{card.tested_against} ({card.tested_on})"),
        ("Needs", "; ".join(card.needs) or "nothing"),
        ("Costs, in short", card.plan),
        ("Review by the network", card.review),
        ("Address that the internet reaches", card.inbound),
        ("Where access is managed", _access(card)),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"# {card.title}\n\nKind `{card.kind}`.\n\n| | |\n|---|---|\n{table}\n\n{card.guarantee_note}\n"


def asks(card: Card) -> str:
    """What the network's terms ask of us when an author deletes a post, in words."""
    return _ASKS[card.retention_class]


def pages() -> dict[str, str]:
    """File name to page, for every channel, and ``README.md`` that lists them."""
    cards = [module.card for module in CHANNELS.values()]
    lines = [f"- [{card.title}]({card.kind}.md): {_GUARANTEE[card.delivery_guarantee]}" for card in cards]
    listing = (
        "# Channels\n\nWhat each network can do, and what is promised on it.\n\n" + "\n".join(lines) + "\n"
    )
    return {f"{card.kind}.md": render(card) for card in cards} | {"README.md": listing}


def main(folder: str) -> None:
    """Writes every page into a folder."""
    for name, page in pages().items():
        (Path(folder) / name).write_text(page, encoding="utf-8")


def _pictures(card: Card) -> str:
    if not card.pictures:
        return "no"
    private = "" if card.pictures_private == card.pictures else f" ({card.pictures_private} in private)"
    return (
        f"at most {card.pictures}{private}, each of at most {card.picture_bytes >> 20} MB and told in words of at most"
        f" {card.alt_length:,} characters; where the server states limits, those hold"
    )


def _deeds(card: Card) -> str:
    if not card.deeds:
        return "no"
    named = ", ".join(card.deeds)
    again = "; an unclear try is made again, which changes nothing" if card.deeds_repeat else "; at most once"
    where = "; only with an address for what goes out" if card.deeds_need_address else ""
    return f"{named}{again}{where}. {card.deeds_note}"


def _address(address: str) -> str:
    return f"`{address}`" if address else "the network has no address for it"


def _access(card: Card) -> str:
    page = f"`{card.access_page}`" + (" on the account's server" if card.access_page.startswith("/") else "")
    return (
        ": ".join(part for part in (page if card.access_page else "", card.access_place) if part) or "nowhere"
    )


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


if __name__ == "__main__":
    main(sys.argv[1])
