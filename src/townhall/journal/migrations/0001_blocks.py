"""The book: blocks of facts, the order they were numbered in, the tree's checkpoints, and sealed content."""

from django.db import migrations

from townhall.database.rights import open_to_web

_TABLES = """
CREATE SEQUENCE fact_block_number CACHE 1;
CREATE TABLE fact_block (
    id bigint PRIMARY KEY DEFAULT nextval('fact_block_number'),
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    facts integer NOT NULL CHECK (facts > 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    seal bytea NOT NULL CHECK (length(seal) = 32),
    marks bytea NOT NULL CHECK (length(marks) = 4 * facts),
    body bytea NOT NULL
);
ALTER TABLE fact_block ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE fact_block ALTER COLUMN marks SET STORAGE EXTERNAL;
CREATE TABLE fact_pending (block_id bigint PRIMARY KEY);
CREATE TABLE fact_order (
    position bigint PRIMARY KEY,
    block_id bigint NOT NULL UNIQUE,
    first_fact bigint NOT NULL,
    facts integer NOT NULL,
    leaf bytea NOT NULL CHECK (length(leaf) = 32)
);
CREATE TABLE journal_head (
    "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
    size bigint NOT NULL,
    facts bigint NOT NULL,
    peaks bytea NOT NULL
);
INSERT INTO journal_head (size, facts, peaks) VALUES (0, 0, '');
CREATE TABLE checkpoint (
    size bigint PRIMARY KEY,
    facts bigint NOT NULL,
    signed_at timestamptz NOT NULL,
    note text NOT NULL
);
CREATE TABLE journal_follower (name text PRIMARY KEY, position bigint NOT NULL DEFAULT 0);
CREATE SEQUENCE content_block_number CACHE 1;
CREATE TABLE content_block (
    id bigint PRIMARY KEY DEFAULT nextval('content_block_number'),
    kind text NOT NULL,
    items integer NOT NULL,
    key bytea,
    body bytea
);
ALTER TABLE content_block ALTER COLUMN body SET STORAGE EXTERNAL;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(open_to_web("fact_block", "insert")),
        migrations.RunSQL(open_to_web("fact_pending", "select,insert")),
        migrations.RunSQL(open_to_web("content_block", "insert")),
        migrations.RunSQL(open_to_web("fact_order", "select")),
        migrations.RunSQL(open_to_web("journal_head", "select")),
        migrations.RunSQL(open_to_web("checkpoint", "select")),
        migrations.RunSQL(open_to_web("journal_follower", "")),
        # what is numbered cannot be changed by the program itself, only by the database's owner
        migrations.RunSQL("REVOKE UPDATE, DELETE ON fact_block, fact_order, checkpoint FROM townhall_worker"),
        migrations.RunSQL(
            "GRANT USAGE ON SEQUENCE fact_block_number, content_block_number TO townhall_web, townhall_worker"
        ),
        migrations.RunSQL(
            "GRANT SELECT (id) ON fact_block TO townhall_web; GRANT SELECT (id) ON content_block TO townhall_web"
        ),
    ]
