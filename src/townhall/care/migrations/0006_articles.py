"""A brand's own help articles, what was done with them, the words they are found by, and what they were sent for."""

from django.db import migrations

from townhall.database.rights import protect

_TABLES = """
CREATE TABLE article (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    key text NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    url text NOT NULL CHECK (length(url) <= 500 AND url LIKE 'https://%'),
    language text NOT NULL,
    text text NOT NULL CHECK (length(text) <= 20000),
    length integer NOT NULL DEFAULT 0,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    retired_at timestamptz,
    UNIQUE (brand_id, key)
);
CREATE INDEX article_title ON article (brand_id, lower(title), id);
CREATE INDEX article_shelf ON article (brand_id, language) INCLUDE (length) WHERE retired_at IS NULL;
CREATE TABLE article_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    brand_id integer NOT NULL,
    article_id bigint NOT NULL,
    together bigint,
    act text NOT NULL CHECK (act IN ('added', 'changed', 'retired', 'restored')),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    undone_by text,
    undone_at timestamptz
);
CREATE INDEX article_change_of ON article_change (article_id, id);
CREATE INDEX article_change_together ON article_change (together) WHERE together IS NOT NULL;
CREATE TABLE article_term (
    brand_id integer NOT NULL,
    language text NOT NULL,
    term text NOT NULL,
    article_id bigint NOT NULL,
    times smallint NOT NULL,
    length integer NOT NULL,
    people smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (brand_id, language, term, article_id) INCLUDE (times, length, people)
);
CREATE INDEX article_term_of ON article_term (article_id);
CREATE TABLE article_use (
    brand_id integer NOT NULL,
    article_id bigint NOT NULL,
    release_id bigint NOT NULL,
    post_id bigint NOT NULL,
    intent text NOT NULL,
    used_at timestamptz NOT NULL,
    PRIMARY KEY (article_id, release_id)
);
CREATE INDEX article_use_intent ON article_use (brand_id, intent, article_id);
CREATE TABLE article_round (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    upto timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON article_round TO townhall_worker;
"""

_STEMS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "hu": "hungarian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
"""Language → the words' stems and stop words that PostgreSQL 15 and newer bring; any other language keeps its words whole."""

_WORDS = f"""
CREATE FUNCTION article_stems(tongue text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE tongue {" ".join(f"WHEN '{code}' THEN 'pg_catalog.{name}'::regconfig" for code, name in _STEMS.items())}
        ELSE 'pg_catalog.simple'::regconfig END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("care", "0005_escalations")]
    operations = [
        migrations.RunSQL(_TABLES),
        migrations.RunSQL(_WORDS),
        migrations.RunSQL(protect("article", web="select,insert,update")),
        migrations.RunSQL(protect("article_change", web="select,insert,update")),
        migrations.RunSQL(protect("article_term")),
        migrations.RunSQL(protect("article_use", web="select")),
    ]
