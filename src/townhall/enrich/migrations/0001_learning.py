"""What people say of posts, where a reading is least sure, and the models that a brand has taught."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE post_label (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    interaction_id bigint NOT NULL,
    head text NOT NULL,
    value text NOT NULL,
    said text NOT NULL,
    chance real,
    read_by text NOT NULL,
    staff_id bigint NOT NULL,
    staff_name text NOT NULL,
    made_at timestamptz NOT NULL,
    replaces bigint,
    ended_at timestamptz
);
CREATE UNIQUE INDEX post_label_stands ON post_label (interaction_id, head, staff_id) WHERE ended_at IS NULL;
CREATE INDEX post_label_of_brand ON post_label (brand_id, head, id) WHERE ended_at IS NULL;
CREATE TABLE label_ask (
    brand_id integer NOT NULL,
    head text NOT NULL,
    interaction_id bigint NOT NULL,
    turn integer NOT NULL,
    doubt real NOT NULL,
    said text NOT NULL,
    chance real NOT NULL,
    read_by text NOT NULL,
    print bigint NOT NULL,
    passed bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (brand_id, head, interaction_id)
);
CREATE INDEX label_ask_turn ON label_ask (brand_id, turn, head);
CREATE INDEX label_ask_post ON label_ask (interaction_id);
CREATE TABLE label_round (
    brand_id integer PRIMARY KEY,
    upto bigint NOT NULL,
    worked_at timestamptz NOT NULL
);
CREATE TABLE own_model (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    head text NOT NULL,
    number integer NOT NULL,
    state text NOT NULL DEFAULT 'candidate' CHECK (state IN ('candidate', 'active', 'retired')),
    digest text NOT NULL,
    card jsonb NOT NULL,
    made_by_id bigint NOT NULL,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    activated_by text NOT NULL DEFAULT '',
    activated_at timestamptz,
    UNIQUE (brand_id, head, number)
);
CREATE UNIQUE INDEX own_model_one_active ON own_model (brand_id, head) WHERE state = 'active';
CREATE TABLE own_model_file (
    model_id bigint PRIMARY KEY,
    brand_id integer NOT NULL,
    raw bytea NOT NULL
);
ALTER TABLE own_model_file ALTER COLUMN raw SET STORAGE EXTERNAL;
CREATE TABLE own_model_act (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    model_id bigint,
    head text NOT NULL,
    act text NOT NULL,
    at timestamptz NOT NULL,
    by_id bigint NOT NULL,
    by_name text NOT NULL,
    remark text NOT NULL DEFAULT ''
);
CREATE TABLE own_model_wish (
    brand_id integer NOT NULL,
    head text NOT NULL,
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'done', 'refused')),
    error text NOT NULL DEFAULT '',
    by_id bigint NOT NULL,
    by_name text NOT NULL,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (brand_id, head)
);
CREATE INDEX own_model_act_of ON own_model_act (brand_id, id);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(protect("post_label", web="select,insert,update")),
        migrations.RunSQL(protect("label_ask", web="select,update")),
        migrations.RunSQL(protect("label_round", web="select")),
        migrations.RunSQL(protect("own_model", web="select,insert,update")),
        migrations.RunSQL(protect("own_model_file", web="select,insert")),
        migrations.RunSQL(protect("own_model_wish", web="select,insert,update")),
        migrations.RunSQL(protect("own_model_act", web="select,insert")),
    ]
