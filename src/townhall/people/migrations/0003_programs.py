"""Programs: tokens that speak for a person, and what was answered under an idempotency key."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
ALTER TABLE api_token ADD COLUMN speaks_for bigint;
CREATE TABLE program_answer (
    token_id bigint NOT NULL,
    brand_id integer NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request bytea NOT NULL CHECK (length(request) = 32),
    asked_at timestamptz NOT NULL,
    status smallint,
    media_type text,
    body bytea,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX program_answer_age ON program_answer (brand_id, asked_at);
DROP FUNCTION token_holder(bytea);
CREATE FUNCTION token_holder(wanted bytea)
RETURNS TABLE (token_id bigint, brand_id integer, name text, roles text[], brand_slug text, staff_id bigint, staff_name text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH held AS (
        UPDATE api_token SET used_at = clock_timestamp()
        WHERE digest = wanted AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())
        RETURNING *
    )
    SELECT h.id, h.brand_id, h.name,
        CASE WHEN h.speaks_for IS NULL THEN h.roles
            ELSE ARRAY(SELECT unnest(h.roles) INTERSECT SELECT unnest(m.roles)) END,
        b.slug, coalesce(s.id, 0), coalesce(s.name, '')
    FROM held h JOIN brand b ON b.id = h.brand_id
    LEFT JOIN staff s ON s.id = h.speaks_for AND s.is_active
    LEFT JOIN membership m ON m.staff_id = s.id AND m.brand_id = h.brand_id
    WHERE h.speaks_for IS NULL OR m.id IS NOT NULL
$$;
REVOKE ALL ON FUNCTION token_holder(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION token_holder(bytea) TO townhall_web, townhall_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_brands")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("program_answer")),
    ]
