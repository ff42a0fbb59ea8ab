"""Incidents: cases about one thing gathered under a number of their brand, and what was done to each."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE incident (
    brand_id integer NOT NULL,
    number integer NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    owner_id bigint,
    next_update_at timestamptz,
    opened_at timestamptz NOT NULL,
    opened_by text NOT NULL,
    closed_at timestamptz,
    closed_by text NOT NULL DEFAULT '',
    surge text NOT NULL DEFAULT '',
    PRIMARY KEY (brand_id, number)
);
CREATE INDEX incident_due ON incident (next_update_at) WHERE closed_at IS NULL;
CREATE TABLE incident_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    incident integer NOT NULL,
    act text NOT NULL,
    actor text NOT NULL,
    made_at timestamptz NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    cases bigint[] NOT NULL DEFAULT '{}',
    undoes bigint,
    undone_by text,
    undone_at timestamptz,
    FOREIGN KEY (brand_id, incident) REFERENCES incident (brand_id, number)
);
CREATE INDEX incident_change_incident ON incident_change (brand_id, incident, id);
ALTER TABLE cases ADD COLUMN incident integer;
CREATE INDEX cases_incident ON cases (brand_id, incident, id) WHERE incident IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0006_articles")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("incident", web="select,insert,update")),
        migrations.RunSQL(protect("incident_change", web="select,insert,update")),
    ]
