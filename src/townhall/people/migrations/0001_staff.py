"""Staff, their seats at brands, tokens for programs, and the one-time link of the first administrator."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from townhall.database.rights import open_to_web, protect

_TABLES = """
CREATE TABLE api_token (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    name text NOT NULL,
    roles text[] NOT NULL,
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    made_by bigint,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz
);
CREATE TABLE first_link (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE FUNCTION token_holder(wanted bytea)
RETURNS TABLE (token_id bigint, brand_id integer, name text, roles text[]) LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE api_token SET used_at = clock_timestamp()
    WHERE digest = wanted AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
    RETURNING id, brand_id, name, roles
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("password", models.CharField(max_length=128)),
                ("last_login", models.DateTimeField(blank=True, null=True)),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("operator", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("date_joined", models.DateTimeField(auto_now_add=True)),
                ("zone", models.CharField(blank=True, default="", max_length=64)),
                ("theme", models.CharField(blank=True, default="", max_length=8)),
                ("density", models.CharField(blank=True, default="", max_length=8)),
                ("single_keys", models.BooleanField(default=True)),
            ],
            options={"db_table": "staff"},
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("brand_id", models.IntegerField()),
                ("roles", django.contrib.postgres.fields.ArrayField(base_field=models.TextField())),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "membership"},
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("staff", "brand_id"), name="membership_once"),
        ),
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(open_to_web("staff", "select,insert,update")),
        migrations.RunSQL(open_to_web("membership", "select,insert,update,delete")),
        migrations.RunSQL(protect("api_token", web="select,insert,update")),
        migrations.RunSQL(open_to_web("first_link", "select,update")),
        migrations.RunSQL(
            "REVOKE ALL ON FUNCTION token_holder(bytea) FROM PUBLIC;"
            "GRANT EXECUTE ON FUNCTION token_holder(bytea) TO townhall_web, townhall_worker"
        ),
    ]
