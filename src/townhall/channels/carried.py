"""How many pictures a post carries and how large they may be: what the network's card says, and what the server said of itself. Pure."""

from msgspec import Struct

from townhall.channels.port import Card

MOST = 16
"""Pictures of one post that we handle, whatever a server says."""
LARGEST = 16 << 20
"""Bytes of one picture that we handle: as it comes, and as it leaves."""


class Carried(Struct, frozen=True):
    """``most`` pictures (0: none), each of ``size`` bytes at most, told in ``alt`` characters at most."""

    most: int = 0
    size: int = 0
    alt: int = 0


def carried(card: Card, private: bool, stated: Carried) -> Carried:
    """What goes with one post there. What the server ``stated`` (0: nothing) counts instead of the card's, within our own bounds;
    it cannot give pictures to a network, or to its private messages, that carry none."""
    by_card = card.pictures_private if private else card.pictures
    if not by_card:
        return Carried()
    most = min(by_card, stated.most) if private and stated.most > 0 else _said(stated.most, by_card)
    return Carried(
        min(most, MOST),
        min(_said(stated.size, card.picture_bytes), LARGEST),
        _said(stated.alt, card.alt_length),
    )


def _said(stated: int, by_card: int) -> int:
    return stated if stated > 0 else by_card
