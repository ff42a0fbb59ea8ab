"""Full text by block: which terms a run of interactions holds. Narrow first by block, then look at the rows."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE search_block (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    low bigint NOT NULL,
    high bigint NOT NULL,
    ids bigint[] NOT NULL,
    terms integer[] NOT NULL
);
CREATE INDEX search_block_terms ON search_block USING gin (terms) WITH (fastupdate = on, gin_pending_list_limit = 16384);
CREATE INDEX search_block_brand ON search_block (brand_id, high);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(_TABLES), migrations.RunSQL(protect("search_block", web=""))]
