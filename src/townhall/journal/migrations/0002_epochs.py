"""Epochs of the log, each named by the block that holds the fact of its opening."""

from django.db import migrations

from townhall.database.rights import open_to_web

_TABLES = """
CREATE TABLE journal_epoch (
    number integer PRIMARY KEY CHECK (number > 1),
    block_id bigint NOT NULL UNIQUE,
    opened_at timestamptz NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_blocks")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(open_to_web("journal_epoch", "select")),
        migrations.RunSQL("REVOKE UPDATE, DELETE ON journal_epoch FROM townhall_worker"),
    ]
