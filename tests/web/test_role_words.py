"""Every role says what it is for, where roles are chosen."""

from townhall.people.logic import ROLES
from townhall.web.pages.role_words import role_words


def test_every_role_has_words() -> None:
    said = [role_words(role) for role in ROLES]
    assert all(said) and len(set(said)) == len(ROLES) and role_words("nobody") == ""
