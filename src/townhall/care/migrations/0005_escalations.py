"""Cases that a rule takes to a person at once: what nobody was told of yet."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE escalation (
    case_id bigint NOT NULL,
    post_id bigint NOT NULL,
    brand_id integer NOT NULL,
    queue text NOT NULL,
    rule text NOT NULL
);
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0004_lines")]
    operations = [migrations.RunSQL(_TABLES), migrations.RunSQL(protect("escalation", web="select"))]
