"""How far the index is behind: since when is of the whole house, how many a brand's own; the words are nobody's to read."""

from django.db import migrations

_LAG = """
CREATE FUNCTION search_lag() RETURNS double precision LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(left_at)), 0)::double precision FROM search_pending
$$;
REVOKE ALL ON FUNCTION search_lag() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_lag() TO townhall_web, townhall_worker;
GRANT SELECT (brand_id, ids) ON search_pending TO townhall_web;
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0002_waiting")]
    operations = [migrations.RunSQL(_LAG)]
