"""How a brand stands to a customer: a tier by the firm's own account of them, and how many follow them."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE customer_tier (
    brand_id integer NOT NULL,
    identity_id bigint NOT NULL,
    tier text NOT NULL DEFAULT '' CHECK (length(tier) <= 40),
    followers bigint NOT NULL DEFAULT 0 CHECK (followers >= 0),
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, identity_id)
);
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_programs")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("customer_tier", web="select,insert,update")),
    ]
