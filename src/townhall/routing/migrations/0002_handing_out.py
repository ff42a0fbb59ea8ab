"""What queues need and when they overflow, what people can do and when they work, and every assignment with its reasons."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
ALTER TABLE queue
    ADD COLUMN needs jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN language text NOT NULL DEFAULT 'wish' CHECK (language IN ('must', 'wish', 'any')),
    ADD COLUMN overflow_after bigint NOT NULL DEFAULT 0,
    ADD COLUMN overflow_to text[] NOT NULL DEFAULT '{}',
    ADD COLUMN relax_after bigint NOT NULL DEFAULT 0,
    ADD COLUMN silence_after bigint NOT NULL DEFAULT 0,
    ADD COLUMN stick_for bigint NOT NULL DEFAULT 0,
    ADD COLUMN usual_work bigint NOT NULL DEFAULT 0;
ALTER TABLE presence
    ADD COLUMN skills jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN languages jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN shift jsonb,
    ADD COLUMN left_at timestamptz;
CREATE TABLE routing_rules (
    brand_id integer PRIMARY KEY,
    rules jsonb NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL
);
CREATE TABLE assignment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    queue text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('given', 'override', 'returned')),
    reason text NOT NULL,
    choice jsonb,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE INDEX assignment_case ON assignment (case_id, id);
CREATE INDEX assignment_brand ON assignment (brand_id, id);
CREATE INDEX assignment_returned ON assignment (brand_id, made_at) WHERE kind = 'returned';
"""


class Migration(migrations.Migration):
    dependencies = [("routing", "0001_promises")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("routing_rules", web="select,insert,update")),
        migrations.RunSQL(protect("assignment", web="select,insert")),
    ]
