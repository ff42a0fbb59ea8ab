"""What becomes of posts that their authors deleted: choices by channel are only ever added, exceptions end."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE retention_rule (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    channel text NOT NULL,
    choice text NOT NULL CHECK (choice IN ('withhold', 'keep')),
    basis text NOT NULL,
    replaces bigint NOT NULL,
    staff_id bigint NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    UNIQUE (brand_id, channel, replaces)
);
CREATE TABLE retention_exemption (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    post_id bigint NOT NULL,
    choice text NOT NULL CHECK (choice IN ('withhold', 'keep')),
    reason text NOT NULL,
    staff_id bigint NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    undone_by text,
    undone_at timestamptz
);
CREATE UNIQUE INDEX retention_exemption_standing ON retention_exemption (post_id) WHERE undone_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0003_lag")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("retention_rule", web="select,insert")),
        migrations.RunSQL(protect("retention_exemption", web="select,insert,update")),
    ]
