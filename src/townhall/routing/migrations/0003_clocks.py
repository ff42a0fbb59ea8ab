"""Promises that say by which version of which hours, what they have used, and both readings of an outage; levels at risk
as rows with their own time; outages of a network; hours of a queue."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
ALTER TABLE commitment
    ADD COLUMN calendar_version integer NOT NULL DEFAULT 0,
    ADD COLUMN spent bigint NOT NULL DEFAULT 0,
    ADD COLUMN own_levels boolean NOT NULL DEFAULT false,
    ADD COLUMN strict_due_at timestamptz,
    ADD COLUMN outage_due_at timestamptz;
ALTER TABLE queue ADD COLUMN calendar text NOT NULL DEFAULT '';
ALTER TABLE alarm
    ALTER COLUMN raised_at DROP NOT NULL,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN cancelled_at timestamptz;
CREATE INDEX alarm_waiting ON alarm (brand_id, due_at) WHERE raised_at IS NULL AND cancelled_at IS NULL;
GRANT INSERT ON alarm TO townhall_web;
CREATE TABLE outage (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    account_id integer NOT NULL,
    why text NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CHECK (until_at > from_at)
);
CREATE INDEX outage_account ON outage (account_id, from_at);
CREATE UNIQUE INDEX outage_running ON outage (account_id) WHERE until_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0002_handing_out")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("outage", web="select,insert,update")),
    ]
