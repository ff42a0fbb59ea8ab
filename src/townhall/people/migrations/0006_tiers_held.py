"""Every tier a customer had, with the time it holds from: a promise goes by the tier of its message's time."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE tier_held (
    identity_id bigint NOT NULL,
    held_from timestamptz NOT NULL,
    brand_id integer NOT NULL,
    tier text NOT NULL CHECK (length(tier) <= 40),
    set_by text NOT NULL,
    PRIMARY KEY (identity_id, held_from)
);
INSERT INTO tier_held (identity_id, held_from, brand_id, tier, set_by)
SELECT identity_id, set_at, brand_id, tier, set_by FROM customer_tier;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_own_keys")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("tier_held", web="select,insert,update")),
    ]
