"""What people do with cases: changes that can be undone, notes, macros, filters, who looks, and notices."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE SEQUENCE people_number CACHE 1 MAXVALUE 8191 CYCLE MINVALUE 0;
GRANT USAGE ON SEQUENCE people_number TO townhall_web, townhall_worker;
CREATE TABLE case_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    other_case bigint,
    act text NOT NULL,
    actor text NOT NULL,
    made_at timestamptz NOT NULL,
    version integer NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    undoes bigint,
    undone_by text,
    undone_at timestamptz
);
CREATE INDEX case_change_case ON case_change (case_id, id);
CREATE INDEX case_change_other ON case_change (other_case, id) WHERE other_case IS NOT NULL;
CREATE TABLE note (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    author text NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 20000),
    written_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE INDEX note_case ON note (case_id, id);
CREATE TABLE macro (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    name text NOT NULL,
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 20000),
    language text NOT NULL DEFAULT '',
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    retired_at timestamptz
);
CREATE UNIQUE INDEX macro_name ON macro (brand_id, lower(name)) WHERE retired_at IS NULL;
CREATE TABLE saved_filter (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    staff_id bigint NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    filter jsonb NOT NULL,
    shared boolean NOT NULL DEFAULT false,
    UNIQUE (brand_id, staff_id, name)
);
CREATE TABLE case_viewing (
    case_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    brand_id integer NOT NULL,
    name text NOT NULL,
    seen_at timestamptz NOT NULL,
    typed_at timestamptz,
    PRIMARY KEY (case_id, staff_id)
);
CREATE TABLE notice (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    staff_id bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    urgent boolean NOT NULL,
    title text NOT NULL,
    url text NOT NULL DEFAULT '',
    happenings integer NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    escalated_at timestamptz,
    escalated_from bigint
);
CREATE UNIQUE INDEX notice_open ON notice (brand_id, staff_id, kind, subject) WHERE acknowledged_at IS NULL;
CREATE INDEX notice_staff ON notice (staff_id, brand_id, id);
CREATE INDEX notice_unanswered ON notice (first_at)
    WHERE urgent AND acknowledged_at IS NULL AND escalated_at IS NULL;
CREATE TABLE notice_way (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    staff_id bigint NOT NULL,
    way text NOT NULL CHECK (way IN ('email', 'webhook')),
    address text NOT NULL,
    secret_key bytea,
    secret_body bytea,
    urgent_only boolean NOT NULL DEFAULT false,
    stopped_at timestamptz,
    UNIQUE (brand_id, staff_id, way, address)
);
CREATE TABLE notice_duty (
    brand_id integer NOT NULL,
    staff_id bigint NOT NULL,
    rank smallint NOT NULL,
    PRIMARY KEY (brand_id, staff_id)
);
CREATE TABLE notice_told (
    brand_id integer NOT NULL,
    cause text NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, cause)
);
CREATE TABLE notice_sending (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    notice_id bigint NOT NULL,
    way_id integer NOT NULL,
    happenings integer NOT NULL,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'sent', 'failed')),
    not_before timestamptz NOT NULL,
    leased_until timestamptz,
    attempts smallint NOT NULL DEFAULT 0,
    sent_at timestamptz,
    failure text NOT NULL DEFAULT '',
    UNIQUE (notice_id, way_id, happenings)
);
CREATE INDEX notice_sending_ready ON notice_sending (not_before) WHERE state = 'ready';
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0001_cases")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("case_change", web="select,insert,update")),
        migrations.RunSQL(protect("note", web="select,insert,update")),
        migrations.RunSQL(protect("macro", web="select,insert,update")),
        migrations.RunSQL(protect("saved_filter", web="select,insert,update,delete")),
        migrations.RunSQL(protect("case_viewing", web="select,insert,update,delete")),
        migrations.RunSQL(protect("notice", web="select,insert,update")),
        migrations.RunSQL(protect("notice_way", web="select,insert,update,delete")),
        migrations.RunSQL(protect("notice_duty", web="select,insert,update,delete")),
        migrations.RunSQL(protect("notice_told", web="select,insert")),
        migrations.RunSQL(protect("notice_sending", web="select,insert")),
    ]
