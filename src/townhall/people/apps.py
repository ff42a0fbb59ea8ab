"""The room as Django knows it: label ``people``."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Staff is the user model of the installation."""

    name = "townhall.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
