"""Full text by block: which terms a run of interactions holds. Narrow first by block, then look at the rows."""

from django.db import migrations

from townhall.database.rights import CURRENT_BRAND, protect

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
CREATE TABLE search_pending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    low bigint NOT NULL,
    high bigint NOT NULL,
    ids bigint[] NOT NULL,
    terms integer[] NOT NULL
);
"""

# Row-level security would keep the planner from using these indexes (their operators are not leakproof), so searching
# goes through two functions of the owner. Each takes the brand and gives nothing but for the brand of the transaction.
_SEARCH = """
CREATE FUNCTION search_candidates(wanted integer, sought integer[], below bigint, most integer)
RETURNS TABLE (high bigint, ids bigint[]) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT b.high, b.ids FROM search_block b
    WHERE b.brand_id = wanted AND b.terms @> sought AND b.high < below
        AND wanted = this_brand
    ORDER BY b.high DESC LIMIT most
$$;
CREATE FUNCTION search_people(wanted integer, beginning text, most integer)
RETURNS TABLE (id bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT x.id FROM (
        (SELECT i.id FROM identity i WHERE i.brand_id = wanted AND wanted = this_brand
            AND lower(i.handle) ~>=~ lower(beginning) AND lower(i.handle) ~<~ (lower(beginning) || chr(1114111))
            ORDER BY lower(i.handle) USING ~<~ LIMIT most)
        UNION
        (SELECT i.id FROM identity i WHERE i.brand_id = wanted AND wanted = this_brand
            AND lower(i.name) ~>=~ lower(beginning) AND lower(i.name) ~<~ (lower(beginning) || chr(1114111))
            ORDER BY lower(i.name) USING ~<~ LIMIT most)
    ) x LIMIT most
$$;
REVOKE ALL ON FUNCTION search_candidates(integer, integer[], bigint, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION search_people(integer, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_candidates(integer, integer[], bigint, integer) TO townhall_web, townhall_worker;
GRANT EXECUTE ON FUNCTION search_people(integer, text, integer) TO townhall_web, townhall_worker;
""".replace("this_brand", CURRENT_BRAND)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("people", "0002_brands")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("search_block", web="")),
        migrations.RunSQL(protect("search_pending", web="")),
        migrations.RunSQL(_SEARCH),
    ]
