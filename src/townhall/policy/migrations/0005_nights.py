"""Nights in which stored verdicts were derived again: how far, how many, what differed."""

from django.db import migrations

from townhall.database.rights import protect

_TABLE = """
CREATE TABLE policy_night (
    brand_id integer NOT NULL,
    night date NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    fresh_from bigint NOT NULL,
    fresh bigint NOT NULL,
    upto bigint NOT NULL,
    again bigint NOT NULL,
    checked integer NOT NULL DEFAULT 0,
    different integer NOT NULL DEFAULT 0,
    first jsonb,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (brand_id, night)
);
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0004_backtests")]
    operations = [migrations.RunSQL(_TABLE), migrations.RunSQL(protect("policy_night", web="select"))]
