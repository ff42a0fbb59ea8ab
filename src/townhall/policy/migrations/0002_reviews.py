"""Versions on their way: written, asked about, reviewed, due at a time, active, retired; and who did each of it."""

from django.db import migrations

from townhall.database.rights import protect

_WAY = """
ALTER TABLE policy_version DROP CONSTRAINT policy_version_state_check;
ALTER TABLE policy_version
    ADD CONSTRAINT policy_version_state_check
        CHECK (state IN ('draft', 'in_review', 'reviewed', 'active', 'retired', 'discarded')),
    ADD COLUMN author_id bigint NOT NULL DEFAULT 0,
    ADD COLUMN note text NOT NULL DEFAULT '',
    ADD COLUMN based_on integer NOT NULL DEFAULT 0,
    ADD COLUMN changed_at timestamptz,
    ADD COLUMN reviewed_digest text NOT NULL DEFAULT '',
    ADD COLUMN due_at timestamptz;
CREATE INDEX policy_due ON policy_version (due_at) WHERE state = 'reviewed' AND due_at IS NOT NULL;
CREATE TABLE policy_act (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    version_id integer NOT NULL REFERENCES policy_version (id),
    act text NOT NULL,
    at timestamptz NOT NULL,
    by_id bigint NOT NULL,
    by_name text NOT NULL,
    digest text NOT NULL,
    remark text NOT NULL DEFAULT ''
);
CREATE INDEX policy_act_version ON policy_act (version_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_versions")]
    operations = [
        migrations.RunSQL(_WAY),
        migrations.RunSQL(protect("policy_act", web="select,insert")),
    ]
