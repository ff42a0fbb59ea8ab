"""What pages may touch of the tables that Django and its sign-in library own."""

from django.db import migrations

_GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session, account_emailaddress, account_emailconfirmation,
    mfa_authenticator TO townhall_web, townhall_worker;
GRANT SELECT ON django_content_type, auth_permission, auth_group, auth_group_permissions, django_migrations
    TO townhall_web, townhall_worker;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_brands"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]
    operations = [migrations.RunSQL(_GRANTS)]
