"""Pictures that go with replies: their bytes, sealed, and which of them a draft or a release has, in order."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE picture (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL CHECK (media_type IN ('image/jpeg', 'image/png')),
    key bytea NOT NULL,
    body bytea NOT NULL,
    small_key bytea NOT NULL,
    small_body bytea NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE INDEX picture_case ON picture (case_id);
ALTER TABLE draft ADD COLUMN pictures jsonb NOT NULL DEFAULT '[]';
ALTER TABLE release ADD COLUMN pictures jsonb NOT NULL DEFAULT '[]';
"""


class Migration(migrations.Migration):
    dependencies = [("outbound", "0009_statement_approvers")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("picture", web="select,insert,delete")),
    ]
