"""The doors: the only way to a thing is with an ``Asker``, and every act names itself before it is done."""

from msgspec import Struct

from townhall.kernel.errors import Forbidden, NotFound
from townhall.people.logic import ACT_WORDS, may


class Asker(Struct, frozen=True, kw_only=True):
    """Who asks, for which brand, with which roles there. A program with a token has ``staff_id`` 0."""

    staff_id: int
    name: str
    brand_id: int
    brand_slug: str
    roles: frozenset[str]

    def may(self, act: str) -> bool:
        """Whether this person may do that here."""
        return may(self.roles, act)

    @property
    def actor(self) -> str:
        """How facts name them."""
        return f"staff/{self.staff_id}" if self.staff_id else f"program/{self.name}"


def require(asker: Asker, act: str) -> None:
    """Lets the asker through or raises ``Forbidden`` with the act in words."""
    if not asker.may(act):
        raise Forbidden(f"Your roles at {asker.brand_slug} do not let you {ACT_WORDS.get(act, act)}.")


def require_brand(asker: Asker, brand_id: int | None, what: str = "That page") -> None:
    """Raises ``NotFound`` unless the thing belongs to the asker's brand: another brand's things do not exist here."""
    if brand_id != asker.brand_id:
        raise NotFound(f"{what} does not exist.")
