"""Drafts, releases with their holds and approvals, the outbox, stops, and what a brand forbids or requires."""

from django.db import migrations

from townhall.database.rights import CURRENT_BRAND, protect

_WRITING = """
CREATE TABLE draft (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    author text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('public', 'private', 'note')),
    reply_to bigint NOT NULL DEFAULT 0,
    text text NOT NULL,
    seen_post bigint NOT NULL DEFAULT 0,
    seen_version integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    remark text NOT NULL DEFAULT '',
    saved_at timestamptz NOT NULL,
    UNIQUE (brand_id, case_id, staff_id, kind)
);
CREATE INDEX draft_case ON draft (case_id);
CREATE TABLE release (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    account_id integer NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('public', 'private')),
    visibility text NOT NULL,
    recipient text NOT NULL,
    reply_to bigint NOT NULL,
    in_reply_to text NOT NULL,
    conversation text NOT NULL,
    text text NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    salt bytea NOT NULL CHECK (length(salt) = 16),
    author_id bigint NOT NULL,
    author text NOT NULL,
    made_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    earlier_text text NOT NULL DEFAULT '',
    findings jsonb NOT NULL,
    seen_post bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('held', 'released', 'returned', 'withdrawn', 'expired'))
);
CREATE INDEX release_case ON release (case_id, id);
CREATE INDEX release_held ON release (brand_id, made_at) WHERE state = 'held';
CREATE TABLE hold (
    release_id bigint PRIMARY KEY REFERENCES release (id),
    brand_id integer NOT NULL,
    why text NOT NULL,
    reasons text[] NOT NULL,
    approvers text[] NOT NULL,
    steps jsonb NOT NULL,
    held_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text NOT NULL DEFAULT '',
    outcome text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'approved', 'returned', 'withdrawn', 'expired')),
    remark text NOT NULL DEFAULT ''
);
CREATE INDEX hold_expiry ON hold (expires_at) WHERE ended_at IS NULL;
CREATE TABLE approval (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    release_id bigint NOT NULL REFERENCES release (id),
    staff_id bigint NOT NULL,
    approver text NOT NULL,
    roles text[] NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    approved_at timestamptz NOT NULL,
    voided_at timestamptz,
    voided_why text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX approval_one ON approval (release_id, staff_id) WHERE voided_at IS NULL;
CREATE TABLE dismissal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    case_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    kind text NOT NULL,
    span bytea NOT NULL CHECK (length(span) = 32),
    because text NOT NULL,
    made_at timestamptz NOT NULL,
    UNIQUE (brand_id, case_id, kind, span)
);
"""

_GOING_OUT = """
CREATE TABLE delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    release_id bigint NOT NULL REFERENCES release (id),
    account_id integer NOT NULL,
    channel text NOT NULL,
    thread_id bigint NOT NULL,
    decision text NOT NULL UNIQUE,
    idempotency_key text NOT NULL UNIQUE,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    state text NOT NULL CHECK (state IN
        ('waiting', 'attempting', 'unclear', 'doubtful', 'overdue', 'sent', 'failed', 'undone')),
    not_before timestamptz NOT NULL,
    go_by timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    looks integer NOT NULL DEFAULT 0,
    first_attempt_at timestamptz,
    lease uuid,
    lease_until timestamptz,
    error text NOT NULL DEFAULT '',
    native_id text NOT NULL DEFAULT '',
    url text NOT NULL DEFAULT '',
    sent_at timestamptz,
    cost_micro_usd bigint NOT NULL DEFAULT 0,
    handed_back boolean NOT NULL DEFAULT false,
    settled_by text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX delivery_said_once ON delivery (digest)
    WHERE state IN ('waiting', 'attempting', 'unclear', 'doubtful', 'overdue', 'sent');
CREATE UNIQUE INDEX delivery_native ON delivery (account_id, native_id) WHERE native_id <> '';
CREATE INDEX delivery_due ON delivery (not_before, id) WHERE state IN ('waiting', 'attempting', 'unclear');
CREATE INDEX delivery_thread ON delivery (thread_id, id) WHERE state IN ('waiting', 'attempting', 'unclear');
CREATE INDEX delivery_release ON delivery (release_id);
CREATE INDEX delivery_to_hand_back ON delivery (id) WHERE state = 'sent' AND NOT handed_back;
CREATE INDEX delivery_person ON delivery (brand_id, changed_at) WHERE state IN ('doubtful', 'overdue', 'failed');
CREATE TABLE account_pace (
    account_id integer PRIMARY KEY,
    brand_id integer NOT NULL,
    resume_at timestamptz NOT NULL,
    cause text NOT NULL
);
CREATE TABLE outbound_stop (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    scope text NOT NULL CHECK (scope IN ('everything', 'brand', 'channel', 'account')),
    target text NOT NULL DEFAULT '',
    cause text NOT NULL,
    stopped_by text NOT NULL,
    stopped_at timestamptz NOT NULL,
    resumed_by text NOT NULL DEFAULT '',
    resumed_at timestamptz
);
CREATE UNIQUE INDEX outbound_stop_running ON outbound_stop (brand_id, scope, target) WHERE resumed_at IS NULL;
CREATE TABLE outbound_term (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('forbidden', 'required', 'allowed')),
    words text NOT NULL CHECK (length(btrim(words)) > 0),
    trigger text NOT NULL DEFAULT '',
    severity text NOT NULL DEFAULT 'hold' CHECK (severity IN ('hold', 'block')),
    reason text NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE TABLE brand_domain (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    host text NOT NULL,
    UNIQUE (brand_id, host)
);
"""

# A stop of everything is one brand's row and everybody's business: other brands may see that it stands.
_STANDING = """
CREATE FUNCTION standing_stops() RETURNS SETOF outbound_stop LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT * FROM outbound_stop
    WHERE resumed_at IS NULL AND (scope = 'everything' OR brand_id = this_brand)
$$;
REVOKE ALL ON FUNCTION standing_stops() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION standing_stops() TO townhall_web, townhall_worker;
""".replace("this_brand", CURRENT_BRAND)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_WRITING),
        migrations.RunSQL(_GOING_OUT),
        migrations.RunSQL(protect("draft")),
        migrations.RunSQL(protect("release", web="select,insert,update")),
        migrations.RunSQL(protect("hold", web="select,insert,update")),
        migrations.RunSQL(protect("approval", web="select,insert,update")),
        migrations.RunSQL(protect("dismissal", web="select,insert,delete")),
        migrations.RunSQL(protect("delivery", web="select,insert,update")),
        migrations.RunSQL(protect("account_pace", web="select")),
        migrations.RunSQL(protect("outbound_stop", web="select,insert,update")),
        migrations.RunSQL(protect("outbound_term", web="select,insert,update")),
        migrations.RunSQL(protect("brand_domain", web="select,insert,delete")),
        migrations.RunSQL(_STANDING),
    ]
