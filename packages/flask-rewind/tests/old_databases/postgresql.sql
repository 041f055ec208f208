CREATE TYPE public._attic_12 AS ENUM (
    'draft',
    'public'
);
CREATE DOMAIN public.word AS character varying(10) NOT NULL;
CREATE FUNCTION public.shout() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW.body = upper(NEW.body); RETURN NEW; END $$;
CREATE SEQUENCE public._attic_13
    START WITH 7
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public._attic_14 (
    id integer,
    day integer
);
CREATE TABLE public._attic_6 (
    id integer NOT NULL,
    body character varying(40),
    post_id integer NOT NULL
);
CREATE SEQUENCE public._attic_6_3
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public._attic_6_3 OWNED BY public._attic_6.id;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.author (
    id integer NOT NULL,
    _attic_7 character varying(20)
);
CREATE SEQUENCE public.author_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.author_id_seq OWNED BY public.author.id;
CREATE TABLE public.badge (
    id integer NOT NULL,
    author_name character varying(20)
);
CREATE SEQUENCE public.badge_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.badge_id_seq OWNED BY public.badge.id;
CREATE TABLE public.mark (
    id integer NOT NULL,
    note_id integer
);
CREATE SEQUENCE public.mark_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.mark_id_seq OWNED BY public.mark.id;
CREATE TABLE public.page (
    id integer NOT NULL,
    _attic_9 public._attic_12,
    _attic_10 integer DEFAULT nextval('public._attic_13'::regclass),
    _attic_11 character varying(10)
);
CREATE TABLE public.post (
    id integer NOT NULL,
    _attic_5 integer,
    title character varying(40) NOT NULL,
    _attic_2 character varying(40),
    _attic_1 character varying(10) DEFAULT 'calm'::character varying NOT NULL,
    _attic_3 integer,
    _attic_4 character varying(10),
    _attic_15 character varying(10)
);
CREATE SEQUENCE public.post_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.post_id_seq OWNED BY public.post.id;
CREATE TABLE public.rewind_attic (
    id integer NOT NULL,
    table_schema character varying(255),
    table_name character varying(255) NOT NULL,
    column_name character varying(255),
    revision character varying(32) NOT NULL,
    direction character varying(4) NOT NULL,
    hidden_at timestamp without time zone NOT NULL,
    is_type boolean NOT NULL,
    details text NOT NULL
);
CREATE TABLE public.rewind_crossings (
    id integer NOT NULL,
    move_id integer NOT NULL,
    revision character varying(255) NOT NULL,
    direction character varying(4) NOT NULL,
    message text NOT NULL,
    parents text NOT NULL,
    source text NOT NULL,
    started_at timestamp without time zone NOT NULL,
    finished_at timestamp without time zone,
    state character varying(10) NOT NULL,
    fingerprint_before character varying(64) NOT NULL,
    fingerprint_after character varying(64) NOT NULL,
    changes text NOT NULL
);
CREATE SEQUENCE public.rewind_crossings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rewind_crossings_id_seq OWNED BY public.rewind_crossings.id;
CREATE TABLE public.rewind_moves (
    id integer NOT NULL,
    layout integer NOT NULL,
    command character varying(20) NOT NULL,
    target character varying(255) NOT NULL,
    options text NOT NULL,
    who character varying(255) NOT NULL,
    session character varying(64) NOT NULL,
    heads_before text NOT NULL,
    heads_after text,
    started_at timestamp without time zone NOT NULL,
    finished_at timestamp without time zone,
    outcome character varying(10) NOT NULL,
    error text NOT NULL
);
CREATE SEQUENCE public.rewind_moves_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rewind_moves_id_seq OWNED BY public.rewind_moves.id;
CREATE TABLE public.rewind_steps (
    id integer NOT NULL,
    crossing_id integer NOT NULL,
    number integer NOT NULL,
    statement text NOT NULL,
    purpose text NOT NULL,
    state character varying(10) NOT NULL,
    milliseconds integer NOT NULL
);
CREATE SEQUENCE public.rewind_steps_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.rewind_steps_id_seq OWNED BY public.rewind_steps.id;
CREATE TABLE public.tag (
    post_id integer NOT NULL,
    _attic_8 character varying(10)
);
CREATE TABLE public.visit (
    id integer,
    day integer
)
PARTITION BY RANGE (day);
ALTER TABLE ONLY public._attic_6 ALTER COLUMN id SET DEFAULT nextval('public._attic_6_3'::regclass);
ALTER TABLE ONLY public.author ALTER COLUMN id SET DEFAULT nextval('public.author_id_seq'::regclass);
ALTER TABLE ONLY public.badge ALTER COLUMN id SET DEFAULT nextval('public.badge_id_seq'::regclass);
ALTER TABLE ONLY public.mark ALTER COLUMN id SET DEFAULT nextval('public.mark_id_seq'::regclass);
ALTER TABLE ONLY public.post ALTER COLUMN id SET DEFAULT nextval('public.post_id_seq'::regclass);
ALTER TABLE ONLY public.rewind_crossings ALTER COLUMN id SET DEFAULT nextval('public.rewind_crossings_id_seq'::regclass);
ALTER TABLE ONLY public.rewind_moves ALTER COLUMN id SET DEFAULT nextval('public.rewind_moves_id_seq'::regclass);
ALTER TABLE ONLY public.rewind_steps ALTER COLUMN id SET DEFAULT nextval('public.rewind_steps_id_seq'::regclass);
INSERT INTO public._attic_14 VALUES (1, 3);
INSERT INTO public._attic_6 VALUES (1, 'FIRST', 1);
INSERT INTO public._attic_6 VALUES (2, NULL, 2);
INSERT INTO public.alembic_version VALUES ('7');
INSERT INTO public.author VALUES (1, 'Ann');
INSERT INTO public.author VALUES (2, 'Ben');
INSERT INTO public.badge VALUES (1, 'Ben');
INSERT INTO public.mark VALUES (1, 2);
INSERT INTO public.page VALUES (1, 'public', 7, 'yes');
INSERT INTO public.page VALUES (2, NULL, 8, 'no');
INSERT INTO public.post VALUES (1, 1, 'One', 'It''s 50% "off"', 'glad', 5, 'a', NULL);
INSERT INTO public.post VALUES (2, NULL, 'Two', 'more', 'calm', NULL, NULL, NULL);
INSERT INTO public.post VALUES (3, NULL, 'Three', NULL, 'calm', NULL, NULL, 'new');
INSERT INTO public.rewind_attic VALUES (1, NULL, 'post', 'mood', '2', 'up', '2026-01-02 03:04:05', false, '{"not_null": true, "domain": null, "is_loose": false, "has_default": true, "is_numbered": false, "stays_not_null": false, "constraints": [], "indexes": [["post_mood", "CREATE INDEX post_mood ON public.post USING btree (mood, title)"]], "said": {}, "incoming": [], "columns": ["id", "author_id", "title", "lead", "mood", "score", "code"]}');
INSERT INTO public.rewind_attic VALUES (2, NULL, 'post', 'lead', '2', 'up', '2026-01-02 03:04:05', false, '{"not_null": true, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": false, "constraints": [], "indexes": [], "said": {}, "incoming": [], "columns": ["id", "author_id", "title", "lead", "score", "code"]}');
INSERT INTO public.rewind_attic VALUES (3, NULL, 'post', 'score', '3', 'up', '2026-01-02 03:04:05', false, '{"not_null": false, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": false, "constraints": [["post_score", "CHECK ((score >= 0))"]], "indexes": [], "said": {"post_score": [["COMMENT ON CONSTRAINT \"post_score\" ON ", " IS ''never below zero''"]]}, "incoming": [], "columns": ["id", "author_id", "title", "score", "code"]}');
INSERT INTO public.rewind_attic VALUES (4, NULL, 'post', 'code', '3', 'up', '2026-01-02 03:04:05', false, '{"not_null": false, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": false, "constraints": [["post_code", "UNIQUE (title, code)"]], "indexes": [], "said": {}, "incoming": [], "columns": ["id", "author_id", "title", "code"]}');
INSERT INTO public.rewind_attic VALUES (5, NULL, 'post', 'author_id', '3', 'up', '2026-01-02 03:04:05', false, '{"not_null": false, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": false, "constraints": [["post_author", "FOREIGN KEY (author_id) REFERENCES author(id)"]], "indexes": [], "said": {}, "incoming": [], "columns": ["id", "author_id", "title"]}');
INSERT INTO public.rewind_attic VALUES (6, NULL, 'note', NULL, '4', 'up', '2026-01-02 03:04:05', false, '{"constraints": [["note_post", "FOREIGN KEY (post_id) REFERENCES post(id)"]], "indexes": [], "said": {}, "partitions": [], "parents": [], "names": [["INDEX", "note_body"], ["INDEX", "note_pkey"], ["SEQUENCE", "note_id_seq"]], "incoming": [[null, "mark", "mark_note", "CONSTRAINT mark_note FOREIGN KEY (note_id) REFERENCES note(id)"]], "called": []}');
INSERT INTO public.rewind_attic VALUES (7, NULL, 'author', 'name', '5', 'up', '2026-01-02 03:04:05', false, '{"not_null": true, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": false, "constraints": [["author_name", "UNIQUE (name)"]], "indexes": [], "said": {}, "incoming": [[null, "badge", "badge_author", "CONSTRAINT badge_author FOREIGN KEY (author_name) REFERENCES author(name)"]], "columns": ["id", "name"]}');
INSERT INTO public.rewind_attic VALUES (8, NULL, 'tag', 'word', '6', 'up', '2026-01-02 03:04:05', false, '{"not_null": true, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": true, "constraints": [["tag_pkey", "PRIMARY KEY (post_id, word)"]], "indexes": [], "said": {}, "incoming": [], "columns": ["post_id", "word"]}');
INSERT INTO public.rewind_attic VALUES (12, NULL, 'state', NULL, '7', 'up', '2026-01-02 03:04:05', true, '{"kind": "TYPE"}');
INSERT INTO public.rewind_attic VALUES (13, NULL, 'numbers', NULL, '7', 'up', '2026-01-02 03:04:05', true, '{"kind": "SEQUENCE"}');
INSERT INTO public.rewind_attic VALUES (9, NULL, 'page', 'state', '7', 'up', '2026-01-02 03:04:05', false, '{"not_null": false, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": false, "constraints": [], "indexes": [], "said": {}, "incoming": [], "columns": ["id", "state", "number", "word"]}');
INSERT INTO public.rewind_attic VALUES (10, NULL, 'page', 'number', '7', 'up', '2026-01-02 03:04:05', false, '{"not_null": false, "domain": null, "is_loose": false, "has_default": true, "is_numbered": false, "stays_not_null": false, "constraints": [], "indexes": [], "said": {}, "incoming": [], "columns": ["id", "number", "word"]}');
INSERT INTO public.rewind_attic VALUES (11, NULL, 'page', 'word', '7', 'up', '2026-01-02 03:04:05', false, '{"not_null": true, "domain": ["word", "character varying(10)", false], "is_loose": true, "has_default": false, "is_numbered": false, "stays_not_null": true, "constraints": [], "indexes": [], "said": {}, "incoming": [], "columns": ["id", "word"]}');
INSERT INTO public.rewind_attic VALUES (14, NULL, 'visit_1', NULL, '7', 'up', '2026-01-02 03:04:05', false, '{"constraints": [], "indexes": [], "said": {}, "partitions": [], "parents": [["visit", "ALTER TABLE visit DETACH PARTITION ", "", "ALTER TABLE visit ATTACH PARTITION ", " FOR VALUES FROM (0) TO (9)"]], "names": [], "incoming": [], "called": []}');
INSERT INTO public.rewind_attic VALUES (15, NULL, 'post', 'extra', '8', 'down', '2026-01-02 03:04:05', false, '{"not_null": false, "domain": null, "is_loose": false, "has_default": false, "is_numbered": false, "stays_not_null": false, "constraints": [], "indexes": [], "said": {}, "incoming": [], "columns": ["id", "title", "extra"]}');
INSERT INTO public.rewind_crossings VALUES (1, 1, '1', 'up', 'step', '[]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945', '76a2f9c56bcee9344a8a389a94ee3ea015326c94b3a7fb30896440d147a6a8bf', '{"changes": [[null, ["table", "author", "", "r p", "author", "r p"]], [null, ["table", "post", "", "r p", "post", "r p"]], [null, ["table", "note", "", "r p", "note", "r p"]], [null, ["table", "mark", "", "r p", "mark", "r p"]], [null, ["table", "badge", "", "r p", "badge", "r p"]], [null, ["table", "tag", "", "r p", "tag", "r p"]], [null, ["table", "page", "", "r p", "page", "r p"]], [null, ["table", "visit", "", "p p RANGE day", "visit", "p p RANGE (day)"]], [null, ["table", "visit_1", "", "r p", "visit_1", "r p"]], [null, ["primary key", "author", "", "PRIMARY KEY (id)", "author_pkey", "PRIMARY KEY (id)"]], [null, ["unique", "author", "(name)", "UNIQUE (name)", "author_name", "UNIQUE (name)"]], [null, ["check", "post", "CHECK score >= 0", "CHECK score >= 0", "post_score", "CHECK ((score >= 0))"]], [null, ["primary key", "post", "", "PRIMARY KEY (id)", "post_pkey", "PRIMARY KEY (id)"]], [null, ["unique", "post", "(title, code)", "UNIQUE (title, code)", "post_code", "UNIQUE (title, code)"]], [null, ["foreign key", "post", "(author_id) to author", "FOREIGN KEY (author_id) REFERENCES author(id)", "post_author", "FOREIGN KEY (author_id) REFERENCES author(id)"]], [null, ["primary key", "note", "", "PRIMARY KEY (id)", "note_pkey", "PRIMARY KEY (id)"]], [null, ["foreign key", "note", "(post_id) to post", "FOREIGN KEY (post_id) REFERENCES post(id)", "note_post", "FOREIGN KEY (post_id) REFERENCES post(id)"]], [null, ["primary key", "mark", "", "PRIMARY KEY (id)", "mark_pkey", "PRIMARY KEY (id)"]], [null, ["foreign key", "mark", "(note_id) to note", "FOREIGN KEY (note_id) REFERENCES note(id)", "mark_note", "FOREIGN KEY (note_id) REFERENCES note(id)"]], [null, ["primary key", "badge", "", "PRIMARY KEY (id)", "badge_pkey", "PRIMARY KEY (id)"]], [null, ["foreign key", "badge", "(author_name) to author", "FOREIGN KEY (author_name) REFERENCES author(name)", "badge_author", "FOREIGN KEY (author_name) REFERENCES author(name)"]], [null, ["primary key", "tag", "", "PRIMARY KEY (post_id, word)", "tag_pkey", "PRIMARY KEY (post_id, word)"]], [null, ["primary key", "page", "", "PRIMARY KEY (id)", "page_pkey", "PRIMARY KEY (id)"]], [null, ["index", "post", "post_mood", "CREATE INDEX post_mood ON public.post USING btree mood, title", "post_mood", "CREATE INDEX post_mood ON public.post USING btree (mood, title)"]], [null, ["index", "note", "note_body", "CREATE INDEX note_body ON public.note USING btree body", "note_body", "CREATE INDEX note_body ON public.note USING btree (body)"]], [null, ["trigger", "note", "note_added", "CREATE TRIGGER note_added BEFORE INSERT ON public.note FOR EACH ROW EXECUTE FUNCTION shout", "note_added", "CREATE TRIGGER note_added BEFORE INSERT ON public.note FOR EACH ROW EXECUTE FUNCTION shout()"]], [null, ["sequence", "", "numbers", "AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807", "numbers", "CREATE SEQUENCE \"numbers\" AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807"]], [null, ["type", "", "state", "ENUM (''draft'', ''public'')", "state", "CREATE TYPE \"state\" AS ENUM (''draft'', ''public'')"]], [null, ["column", "author", "id", "integer NOT NULL DEFAULT nextval", "", "integer NOT NULL DEFAULT nextval(''author_id_seq''::regclass)"]], [null, ["column", "post", "id", "integer NOT NULL DEFAULT nextval", "", "integer NOT NULL DEFAULT nextval(''post_id_seq''::regclass)"]], [null, ["column", "note", "id", "integer NOT NULL DEFAULT nextval", "", "integer NOT NULL DEFAULT nextval(''note_id_seq''::regclass)"]], [null, ["column", "mark", "id", "integer NOT NULL DEFAULT nextval", "", "integer NOT NULL DEFAULT nextval(''mark_id_seq''::regclass)"]], [null, ["column", "badge", "id", "integer NOT NULL DEFAULT nextval", "", "integer NOT NULL DEFAULT nextval(''badge_id_seq''::regclass)"]], [null, ["column", "visit", "id", "integer", "", "integer"]], [null, ["column", "tag", "post_id", "integer NOT NULL", "", "integer NOT NULL"]], [null, ["column", "visit_1", "id", "integer", "", "integer"]], [null, ["column", "page", "id", "integer NOT NULL", "", "integer NOT NULL"]], [null, ["column", "page", "state", "state", "", "state"]], [null, ["column", "mark", "note_id", "integer", "", "integer"]], [null, ["column", "visit_1", "day", "integer", "", "integer"]], [null, ["column", "badge", "author_name", "character varying(20)", "", "character varying(20)"]], [null, ["column", "author", "name", "character varying(20) NOT NULL", "", "character varying(20) NOT NULL"]], [null, ["column", "tag", "word", "character varying(10) NOT NULL", "", "character varying(10) NOT NULL"]], [null, ["column", "visit", "day", "integer", "", "integer"]], [null, ["column", "note", "body", "character varying(40)", "", "character varying(40)"]], [null, ["column", "post", "author_id", "integer", "", "integer"]], [null, ["column", "page", "number", "integer DEFAULT nextval''numbers''", "", "integer DEFAULT nextval(''numbers''::regclass)"]], [null, ["column", "post", "title", "character varying(40) NOT NULL", "", "character varying(40) NOT NULL"]], [null, ["column", "note", "post_id", "integer NOT NULL", "", "integer NOT NULL"]], [null, ["column", "post", "lead", "character varying(40) NOT NULL", "", "character varying(40) NOT NULL"]], [null, ["column", "page", "word", "word", "", "word"]], [null, ["column", "post", "mood", "character varying(10) NOT NULL DEFAULT ''calm''", "", "character varying(10) NOT NULL DEFAULT ''calm''::character varying"]], [null, ["column", "post", "score", "integer", "", "integer"]], [null, ["column", "post", "code", "character varying(10)", "", "character varying(10)"]]], "renames": []}');
INSERT INTO public.rewind_crossings VALUES (2, 2, '2', 'up', 'step', '["1"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '76a2f9c56bcee9344a8a389a94ee3ea015326c94b3a7fb30896440d147a6a8bf', '8e03130e108f40e0161df6783de6b38f204687037aede024c0330ec8736f5d63', '{"changes": [[["index", "post", "post_mood", "CREATE INDEX post_mood ON public.post USING btree mood, title", "post_mood", "CREATE INDEX post_mood ON public.post USING btree (mood, title)"], null], [["column", "post", "lead", "character varying(40) NOT NULL", "", "character varying(40) NOT NULL"], null], [["column", "post", "mood", "character varying(10) NOT NULL DEFAULT ''calm''", "", "character varying(10) NOT NULL DEFAULT ''calm''::character varying"], null]], "renames": [["post", "mood", "_attic_1"], ["post", "lead", "_attic_2"]]}');
INSERT INTO public.rewind_crossings VALUES (3, 2, '3', 'up', 'step', '["2"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '8e03130e108f40e0161df6783de6b38f204687037aede024c0330ec8736f5d63', '1090ab102e04f9c2e8dca2f2290c6fc81b8c6f9c47227dd5a0029dd04f9e5e8d', '{"changes": [[["check", "post", "CHECK score >= 0", "CHECK score >= 0", "post_score", "CHECK ((score >= 0))"], null], [["unique", "post", "(title, code)", "UNIQUE (title, code)", "post_code", "UNIQUE (title, code)"], null], [["foreign key", "post", "(author_id) to author", "FOREIGN KEY (author_id) REFERENCES author(id)", "post_author", "FOREIGN KEY (author_id) REFERENCES author(id)"], null], [["column", "post", "author_id", "integer", "", "integer"], null], [["column", "post", "score", "integer", "", "integer"], null], [["column", "post", "code", "character varying(10)", "", "character varying(10)"], null]], "renames": [["post", "score", "_attic_3"], ["post", "code", "_attic_4"], ["post", "author_id", "_attic_5"]]}');
INSERT INTO public.rewind_crossings VALUES (5, 2, '5', 'up', 'step', '["4"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '7bf590c0fc240f94ff040196711dddc429fff9eef86557f3c26cc0ee5c9fc690', '235ac452c615ae943d2da08e4821dee243ba12f5c1427a2bae0a5ca911065d64', '{"changes": [[["unique", "author", "(name)", "UNIQUE (name)", "author_name", "UNIQUE (name)"], null], [["foreign key", "badge", "(author_name) to author", "FOREIGN KEY (author_name) REFERENCES author(name)", "badge_author", "FOREIGN KEY (author_name) REFERENCES author(name)"], null], [["column", "author", "name", "character varying(20) NOT NULL", "", "character varying(20) NOT NULL"], null]], "renames": [["author", "name", "_attic_7"]]}');
INSERT INTO public.rewind_crossings VALUES (8, 2, '8', 'up', 'step', '["7"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', 'e65bb02c2486f1d511c359678fc84b0ca65529b85ff796bbd4ea5cca413ad61e', 'd975d4a6f9aaa7820f885a636d0be7ff606b012d23be099b79608913402ee834', '{"changes": [[null, ["column", "post", "extra", "character varying(10)", "", "character varying(10)"]]], "renames": []}');
INSERT INTO public.rewind_crossings VALUES (4, 2, '4', 'up', 'step', '["3"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '1090ab102e04f9c2e8dca2f2290c6fc81b8c6f9c47227dd5a0029dd04f9e5e8d', '7bf590c0fc240f94ff040196711dddc429fff9eef86557f3c26cc0ee5c9fc690', '{"changes": [[["table", "note", "", "r p", "note", "r p"], null], [["primary key", "note", "", "PRIMARY KEY (id)", "note_pkey", "PRIMARY KEY (id)"], null], [["foreign key", "note", "(post_id) to post", "FOREIGN KEY (post_id) REFERENCES post(id)", "note_post", "FOREIGN KEY (post_id) REFERENCES post(id)"], null], [["foreign key", "mark", "(note_id) to note", "FOREIGN KEY (note_id) REFERENCES note(id)", "mark_note", "FOREIGN KEY (note_id) REFERENCES note(id)"], null], [["index", "note", "note_body", "CREATE INDEX note_body ON public.note USING btree body", "note_body", "CREATE INDEX note_body ON public.note USING btree (body)"], null], [["trigger", "note", "note_added", "CREATE TRIGGER note_added BEFORE INSERT ON public.note FOR EACH ROW EXECUTE FUNCTION shout", "note_added", "CREATE TRIGGER note_added BEFORE INSERT ON public.note FOR EACH ROW EXECUTE FUNCTION shout()"], null], [["column", "note", "id", "integer NOT NULL DEFAULT nextval", "", "integer NOT NULL DEFAULT nextval(''note_id_seq''::regclass)"], null], [["column", "note", "body", "character varying(40)", "", "character varying(40)"], null], [["column", "note", "post_id", "integer NOT NULL", "", "integer NOT NULL"], null]], "renames": [["note", "", "_attic_6"]]}');
INSERT INTO public.rewind_crossings VALUES (6, 2, '6', 'up', 'step', '["5"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '235ac452c615ae943d2da08e4821dee243ba12f5c1427a2bae0a5ca911065d64', '293118fd30c6071ca5e30a62f75d1d4a0c2c48f0f6149729bc21377b1f701258', '{"changes": [[["primary key", "tag", "", "PRIMARY KEY (post_id, word)", "tag_pkey", "PRIMARY KEY (post_id, word)"], null], [["column", "tag", "word", "character varying(10) NOT NULL", "", "character varying(10) NOT NULL"], null]], "renames": [["tag", "word", "_attic_8"]]}');
INSERT INTO public.rewind_crossings VALUES (7, 2, '7', 'up', 'step', '["6"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '293118fd30c6071ca5e30a62f75d1d4a0c2c48f0f6149729bc21377b1f701258', 'e65bb02c2486f1d511c359678fc84b0ca65529b85ff796bbd4ea5cca413ad61e', '{"changes": [[["table", "visit_1", "", "r p", "visit_1", "r p"], null], [["sequence", "", "numbers", "AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807", "numbers", "CREATE SEQUENCE \"numbers\" AS bigint INCREMENT 1 MINVALUE 1 MAXVALUE 9223372036854775807"], null], [["type", "", "state", "ENUM (''draft'', ''public'')", "state", "CREATE TYPE \"state\" AS ENUM (''draft'', ''public'')"], null], [["column", "visit_1", "id", "integer", "", "integer"], null], [["column", "page", "state", "state", "", "state"], null], [["column", "visit_1", "day", "integer", "", "integer"], null], [["column", "page", "number", "integer DEFAULT nextval''numbers''", "", "integer DEFAULT nextval(''numbers''::regclass)"], null], [["column", "page", "word", "word", "", "word"], null]], "renames": [["page", "state", "_attic_9"], ["page", "number", "_attic_10"], ["page", "word", "_attic_11"], ["visit_1", "", "_attic_14"]]}');
INSERT INTO public.rewind_crossings VALUES (9, 3, '8', 'down', 'step', '["7"]', '', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', 'd975d4a6f9aaa7820f885a636d0be7ff606b012d23be099b79608913402ee834', 'e65bb02c2486f1d511c359678fc84b0ca65529b85ff796bbd4ea5cca413ad61e', '{"changes": [[["column", "post", "extra", "character varying(10)", "", "character varying(10)"], null]], "renames": [["post", "extra", "_attic_15"]]}');
INSERT INTO public.rewind_moves VALUES (1, 1, 'upgrade', '1', '{}', 'somebody', '', '[]', '["1"]', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '');
INSERT INTO public.rewind_moves VALUES (2, 1, 'upgrade', 'head', '{}', 'somebody', '', '["1"]', '["8"]', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '');
INSERT INTO public.rewind_moves VALUES (3, 1, 'downgrade', '7', '{}', 'somebody', '', '["8"]', '["7"]', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'done', '');
INSERT INTO public.rewind_steps VALUES (1, 1, 1, 'CREATE TABLE author ( id SERIAL NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id), CONSTRAINT author_name UNIQUE (name) )', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (2, 1, 2, 'CREATE TABLE post ( id SERIAL NOT NULL, author_id INTEGER, title VARCHAR(40) NOT NULL, lead VARCHAR(40) NOT NULL, mood VARCHAR(10) DEFAULT ''calm'' NOT NULL, score INTEGER, code VARCHAR(10), PRIMARY KEY (id), CONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id), CONSTRAINT post_code UNIQUE (title, code), CONSTRAINT post_score CHECK (score >= 0) )', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (3, 1, 3, 'CREATE INDEX post_mood ON post (mood, title)', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (4, 1, 4, 'CREATE TABLE note ( id SERIAL NOT NULL, body VARCHAR(40), post_id INTEGER NOT NULL, PRIMARY KEY (id), CONSTRAINT note_post FOREIGN KEY(post_id) REFERENCES post (id) )', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (5, 1, 5, 'CREATE INDEX note_body ON note (body)', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (6, 1, 6, 'CREATE TABLE mark ( id SERIAL NOT NULL, note_id INTEGER, PRIMARY KEY (id), CONSTRAINT mark_note FOREIGN KEY(note_id) REFERENCES note (id) )', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (7, 1, 7, 'CREATE TABLE badge ( id SERIAL NOT NULL, author_name VARCHAR(20), PRIMARY KEY (id), CONSTRAINT badge_author FOREIGN KEY(author_name) REFERENCES author (name) )', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (8, 1, 8, 'CREATE TABLE tag ( post_id INTEGER NOT NULL, word VARCHAR(10) NOT NULL, PRIMARY KEY (post_id, word) )', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (9, 1, 9, 'CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.body = upper(NEW.body); RETURN NEW; END $$', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (10, 1, 10, 'CREATE TRIGGER note_added BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION shout()', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (11, 1, 11, 'CREATE TYPE state AS ENUM (''draft'', ''public'')', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (12, 1, 12, 'CREATE SEQUENCE numbers START 7', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (13, 1, 13, 'CREATE DOMAIN word AS varchar(10) NOT NULL', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (14, 1, 14, 'CREATE TABLE page (id integer PRIMARY KEY, state state, number integer DEFAULT nextval(''numbers''), word word)', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (15, 1, 15, 'COMMENT ON CONSTRAINT post_score ON post IS ''never below zero''', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (16, 1, 16, 'CREATE TABLE visit (id integer, day integer) PARTITION BY RANGE (day)', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (17, 1, 17, 'CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (9)', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (18, 2, 1, 'DROP INDEX "public"."post_mood"', 'hides post.mood as _attic_1', 'done', 0);
INSERT INTO public.rewind_steps VALUES (19, 2, 2, 'ALTER TABLE "post" RENAME "mood" TO _attic_1', 'hides post.mood as _attic_1', 'done', 0);
INSERT INTO public.rewind_steps VALUES (20, 2, 3, 'ALTER TABLE "post" RENAME "lead" TO _attic_2', 'hides post.lead as _attic_2', 'done', 0);
INSERT INTO public.rewind_steps VALUES (21, 2, 4, 'ALTER TABLE "post" ALTER _attic_2 DROP NOT NULL', 'hides post.lead as _attic_2', 'done', 0);
INSERT INTO public.rewind_steps VALUES (22, 3, 1, 'ALTER TABLE "post" DROP CONSTRAINT "post_score"', 'hides post.score as _attic_3', 'done', 0);
INSERT INTO public.rewind_steps VALUES (23, 3, 2, 'ALTER TABLE "post" RENAME "score" TO _attic_3', 'hides post.score as _attic_3', 'done', 0);
INSERT INTO public.rewind_steps VALUES (24, 3, 3, 'ALTER TABLE "post" DROP CONSTRAINT "post_code"', 'hides post.code as _attic_4', 'done', 0);
INSERT INTO public.rewind_steps VALUES (25, 3, 4, 'ALTER TABLE "post" RENAME "code" TO _attic_4', 'hides post.code as _attic_4', 'done', 0);
INSERT INTO public.rewind_steps VALUES (26, 3, 5, 'ALTER TABLE "post" DROP CONSTRAINT "post_author"', 'hides post.author_id as _attic_5', 'done', 0);
INSERT INTO public.rewind_steps VALUES (27, 3, 6, 'ALTER TABLE "post" RENAME "author_id" TO _attic_5', 'hides post.author_id as _attic_5', 'done', 0);
INSERT INTO public.rewind_steps VALUES (28, 4, 1, 'ALTER TABLE "mark" DROP CONSTRAINT "mark_note"', 'hides note as _attic_6', 'done', 0);
INSERT INTO public.rewind_steps VALUES (29, 4, 2, 'ALTER TABLE "note" DROP CONSTRAINT "note_post"', 'hides note as _attic_6', 'done', 0);
INSERT INTO public.rewind_steps VALUES (30, 4, 3, 'ALTER INDEX "public"."note_body" RENAME TO _attic_6_1', 'hides note as _attic_6', 'done', 0);
INSERT INTO public.rewind_steps VALUES (31, 4, 4, 'ALTER INDEX "public"."note_pkey" RENAME TO _attic_6_2', 'hides note as _attic_6', 'done', 0);
INSERT INTO public.rewind_steps VALUES (32, 4, 5, 'ALTER SEQUENCE "public"."note_id_seq" RENAME TO _attic_6_3', 'hides note as _attic_6', 'done', 0);
INSERT INTO public.rewind_steps VALUES (33, 4, 6, 'ALTER TABLE "note" RENAME TO _attic_6', 'hides note as _attic_6', 'done', 0);
INSERT INTO public.rewind_steps VALUES (34, 5, 1, 'ALTER TABLE "badge" DROP CONSTRAINT "badge_author"', 'hides author.name as _attic_7', 'done', 0);
INSERT INTO public.rewind_steps VALUES (35, 5, 2, 'ALTER TABLE "author" DROP CONSTRAINT "author_name"', 'hides author.name as _attic_7', 'done', 0);
INSERT INTO public.rewind_steps VALUES (36, 5, 3, 'ALTER TABLE "author" RENAME "name" TO _attic_7', 'hides author.name as _attic_7', 'done', 0);
INSERT INTO public.rewind_steps VALUES (37, 5, 4, 'ALTER TABLE "author" ALTER _attic_7 DROP NOT NULL', 'hides author.name as _attic_7', 'done', 0);
INSERT INTO public.rewind_steps VALUES (38, 6, 1, 'ALTER TABLE "tag" DROP CONSTRAINT "tag_pkey"', 'hides tag.word as _attic_8', 'done', 0);
INSERT INTO public.rewind_steps VALUES (39, 6, 2, 'ALTER TABLE "tag" RENAME "word" TO _attic_8', 'hides tag.word as _attic_8', 'done', 0);
INSERT INTO public.rewind_steps VALUES (40, 6, 3, 'ALTER TABLE "tag" ALTER _attic_8 DROP NOT NULL', 'hides tag.word as _attic_8', 'done', 0);
INSERT INTO public.rewind_steps VALUES (41, 7, 1, 'ALTER TABLE "page" RENAME "state" TO _attic_9', 'hides page.state as _attic_9', 'done', 0);
INSERT INTO public.rewind_steps VALUES (42, 7, 2, 'ALTER TABLE "page" RENAME "number" TO _attic_10', 'hides page.number as _attic_10', 'done', 0);
INSERT INTO public.rewind_steps VALUES (43, 7, 3, 'ALTER TABLE "page" RENAME "word" TO _attic_11', 'hides page.word as _attic_11', 'done', 0);
INSERT INTO public.rewind_steps VALUES (44, 7, 4, 'ALTER TABLE "page" ALTER _attic_11 TYPE character varying(10)', 'hides page.word as _attic_11', 'done', 0);
INSERT INTO public.rewind_steps VALUES (45, 7, 5, 'ALTER TABLE "page" ALTER _attic_11 DROP NOT NULL', 'hides page.word as _attic_11', 'done', 0);
INSERT INTO public.rewind_steps VALUES (46, 7, 6, 'ALTER TYPE "state" RENAME TO _attic_12', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (47, 7, 7, 'ALTER SEQUENCE "numbers" RENAME TO _attic_13', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (48, 7, 8, 'ALTER TABLE visit DETACH PARTITION "visit_1"', 'hides visit_1 as _attic_14', 'done', 0);
INSERT INTO public.rewind_steps VALUES (49, 7, 9, 'ALTER TABLE "visit_1" RENAME TO _attic_14', 'hides visit_1 as _attic_14', 'done', 0);
INSERT INTO public.rewind_steps VALUES (50, 8, 1, 'ALTER TABLE post ADD COLUMN extra VARCHAR(10)', '', 'done', 0);
INSERT INTO public.rewind_steps VALUES (51, 9, 1, 'ALTER TABLE "post" RENAME "extra" TO _attic_15', 'hides post.extra as _attic_15', 'done', 0);
INSERT INTO public.tag VALUES (1, 'red');
INSERT INTO public.tag VALUES (2, 'blue');
SELECT pg_catalog.setval('public._attic_13', 8, true);
SELECT pg_catalog.setval('public._attic_6_3', 1, false);
SELECT pg_catalog.setval('public.author_id_seq', 1, false);
SELECT pg_catalog.setval('public.badge_id_seq', 1, false);
SELECT pg_catalog.setval('public.mark_id_seq', 1, false);
SELECT pg_catalog.setval('public.post_id_seq', 1, false);
SELECT pg_catalog.setval('public.rewind_crossings_id_seq', 9, true);
SELECT pg_catalog.setval('public.rewind_moves_id_seq', 3, true);
SELECT pg_catalog.setval('public.rewind_steps_id_seq', 51, true);
ALTER TABLE ONLY public._attic_6
    ADD CONSTRAINT _attic_6_2 PRIMARY KEY (id);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.author
    ADD CONSTRAINT author_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.badge
    ADD CONSTRAINT badge_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mark
    ADD CONSTRAINT mark_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.page
    ADD CONSTRAINT page_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.post
    ADD CONSTRAINT post_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rewind_attic
    ADD CONSTRAINT rewind_attic_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rewind_crossings
    ADD CONSTRAINT rewind_crossings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rewind_moves
    ADD CONSTRAINT rewind_moves_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rewind_steps
    ADD CONSTRAINT rewind_steps_pkey PRIMARY KEY (id);
CREATE INDEX _attic_6_1 ON public._attic_6 USING btree (body);
CREATE INDEX rewind_crossings_move ON public.rewind_crossings USING btree (move_id);
CREATE INDEX rewind_crossings_revision ON public.rewind_crossings USING btree (revision);
CREATE INDEX rewind_steps_crossing ON public.rewind_steps USING btree (crossing_id);
CREATE TRIGGER note_added BEFORE INSERT ON public._attic_6 FOR EACH ROW EXECUTE FUNCTION public.shout();
