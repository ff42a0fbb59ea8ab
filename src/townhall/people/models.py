"""Staff and their seats at brands: the tables that Django's sign-in needs to know."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models


class StaffDirectory(BaseUserManager["Staff"]):
    """Makes members of staff; e-mail addresses are kept in lower case."""

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """The person with that address, whatever its case."""
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, name: str, password: str | None = None, **more: Any) -> "Staff":
        """A new member of staff; without a password they can only come in by passkey or link."""
        staff = self.model(email=email.lower(), name=name, **more)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser):
    """Somebody who works here. ``operator`` runs the installation and is admin of every brand."""

    email: "models.EmailField[str, str]" = models.EmailField(unique=True)
    name: "models.CharField[str, str]" = models.CharField(max_length=120)
    operator: "models.BooleanField[bool, bool]" = models.BooleanField(default=False)
    is_active: "models.BooleanField[bool, bool]" = models.BooleanField(default=True)
    date_joined: "models.DateTimeField[Any, Any]" = models.DateTimeField(auto_now_add=True)
    zone: "models.CharField[str, str]" = models.CharField(max_length=64, blank=True, default="")
    theme: "models.CharField[str, str]" = models.CharField(max_length=8, blank=True, default="")
    density: "models.CharField[str, str]" = models.CharField(max_length=8, blank=True, default="")
    single_keys: "models.BooleanField[bool, bool]" = models.BooleanField(default=True)
    advice: "models.BooleanField[bool, bool]" = models.BooleanField(default=True, db_default=True)
    reads: "models.CharField[str, str]" = models.CharField(
        max_length=8, blank=True, default="", db_default=""
    )
    own_keys: "models.JSONField[Any, Any]" = models.JSONField(default=dict, db_default={})

    objects = StaffDirectory()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    is_staff = False
    is_superuser = False

    class Meta:
        db_table = "staff"

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name people know them by."""
        return self.name


class Membership(models.Model):
    """One person's roles at one brand."""

    staff: "models.ForeignKey[Staff, Staff]" = models.ForeignKey(
        Staff, on_delete=models.CASCADE, related_name="memberships"
    )
    brand_id: "models.IntegerField[int, int]" = models.IntegerField()
    roles: Any = ArrayField(models.TextField())

    class Meta:
        db_table = "membership"
        constraints = [models.UniqueConstraint(fields=["staff", "brand_id"], name="membership_once")]
