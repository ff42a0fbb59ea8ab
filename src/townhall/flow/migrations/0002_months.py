"""Partitions of ``interaction`` are made ahead, month by month, for as long as the house stands.

A function of the owner, since workers make no tables: it takes nothing from its caller, and makes four at most. The
new table is attached when it stands, which lets everybody go on reading and writing meanwhile.
"""

from django.db import migrations

_MONTHS = """
CREATE FUNCTION make_interaction_months() RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    made integer := 0;
    month timestamp;
    low bigint;
    high bigint;
    part text;
BEGIN
    FOR ahead IN 0..3 LOOP
        month := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') + make_interval(months => ahead);
        part := 'interaction_' || to_char(month, 'YYYY_MM');
        low := (extract(epoch FROM month - timestamp '2025-01-01') * 1000)::bigint << 21;
        high := (extract(epoch FROM month + interval '1 month' - timestamp '2025-01-01') * 1000)::bigint << 21;
        CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT FROM interaction_rest WHERE id >= low AND id < high);
        EXECUTE format('CREATE TABLE %I.%I (LIKE interaction INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', 'public', part);
        EXECUTE format('ALTER TABLE interaction ATTACH PARTITION public.%I FOR VALUES FROM (%s) TO (%s)', part, low, high);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION make_interaction_months() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_interaction_months() TO townhall_worker;
DROP FUNCTION make_interaction_partition(integer);
"""


class Migration(migrations.Migration):
    dependencies = [("flow", "0001_interaction")]
    operations = [migrations.RunSQL(_MONTHS)]
