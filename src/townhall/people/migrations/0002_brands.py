"""Brands, and who speaks to them: identities on networks and the reversible links between them."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE brand (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name text NOT NULL,
    zone text NOT NULL DEFAULT 'UTC',
    state text NOT NULL DEFAULT 'observe' CHECK (state IN ('observe', 'live')),
    demo boolean NOT NULL DEFAULT false,
    quiet_days smallint NOT NULL DEFAULT 14 CHECK (quiet_days BETWEEN 0 AND 3650),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE identity (
    id bigint PRIMARY KEY,
    brand_id integer NOT NULL,
    network text NOT NULL,
    native_id text NOT NULL,
    handle text NOT NULL,
    name text NOT NULL DEFAULT '',
    kind text NOT NULL DEFAULT 'Person',
    own boolean NOT NULL DEFAULT false,
    first_seen timestamptz NOT NULL
);
CREATE INDEX identity_handle ON identity (brand_id, lower(handle) text_pattern_ops);
CREATE INDEX identity_name ON identity (brand_id, lower(name) text_pattern_ops);
CREATE TABLE identity_link (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    a bigint NOT NULL,
    b bigint NOT NULL CHECK (a < b),
    evidence text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    undone_by text,
    undone_at timestamptz
);
CREATE INDEX identity_link_a ON identity_link (a) WHERE undone_at IS NULL;
CREATE INDEX identity_link_b ON identity_link (b) WHERE undone_at IS NULL;
"""

_OPERATORS = """
CREATE FUNCTION seat_operators() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO membership (staff_id, brand_id, roles)
    SELECT id, NEW.id, '{agent,lead,compliance,security,analyst,executive,admin}' FROM staff WHERE operator
    ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;
CREATE TRIGGER brand_operators AFTER INSERT ON brand FOR EACH ROW EXECUTE FUNCTION seat_operators();
CREATE FUNCTION seat_operator_everywhere(operator_id bigint) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO membership (staff_id, brand_id, roles)
    SELECT s.id, b.id, '{agent,lead,compliance,security,analyst,executive,admin}'
    FROM staff s, brand b WHERE s.id = operator_id AND s.operator
    ON CONFLICT DO NOTHING
$$;
CREATE FUNCTION make_brand(wanted text, title text, place text, maker bigint) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE made integer;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM staff WHERE id = maker AND operator AND is_active) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an operator makes a brand';
    END IF;
    INSERT INTO brand (slug, name, zone) VALUES (wanted, title, place) RETURNING id INTO made;
    RETURN made;
END $$;
CREATE FUNCTION brands_of(member bigint) RETURNS TABLE (id integer, slug text, name text, zone text, state text, demo boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT b.id, b.slug, b.name, b.zone, b.state, b.demo
    FROM membership m JOIN brand b ON b.id = m.brand_id WHERE m.staff_id = member ORDER BY b.name
$$;
REVOKE ALL ON FUNCTION seat_operators(), seat_operator_everywhere(bigint), make_brand(text, text, text, bigint),
    brands_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seat_operator_everywhere(bigint), make_brand(text, text, text, bigint), brands_of(bigint)
    TO townhall_web, townhall_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_staff")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(_OPERATORS),
        migrations.RunSQL(protect("brand", web="select,update", brand_column="id")),
        migrations.RunSQL(protect("identity", web="select")),
        migrations.RunSQL(protect("identity_link", web="select,insert,update")),
    ]
