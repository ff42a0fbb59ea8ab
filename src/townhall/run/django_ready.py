"""Gets Django ready in this process or in a child: hands its settings what differs between installations."""

import os

from townhall.database.address import Role
from townhall.database.opening import address
from townhall.run.settings import Settings, as_environment
from townhall.vault.keys import open_keys

SETTINGS_MODULE = "townhall.run.django_settings"


def django_environment(settings: Settings, role: Role = "web") -> dict[str, str]:
    """Every variable that a process needs to be Django in ``role``, our own settings included."""
    return {
        **as_environment(settings),
        "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE,
        "TOWNHALL_DSN": address(settings, role),
        "TOWNHALL_ADDRESS": settings.address,
        "TOWNHALL_WORKER_DSN": address(settings, "worker"),
        "TOWNHALL_SECRET": open_keys(settings.home).pages.hex(),
    }


def ready_django(settings: Settings, role: Role = "web") -> None:
    """Makes this process Django in ``role``; once a process, the first call decides."""
    import django

    os.environ.update(django_environment(settings, role))
    django.setup()
