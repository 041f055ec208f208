BEGIN TRANSACTION;
CREATE TABLE "_attic_6" (
	id INTEGER NOT NULL, 
	body VARCHAR(40), 
	post_id INTEGER NOT NULL, 
	PRIMARY KEY (id));
INSERT INTO "_attic_6" VALUES(1,'FIRST',1);
INSERT INTO "_attic_6" VALUES(2,NULL,2);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('7');
CREATE TABLE author (
	id INTEGER NOT NULL, 
	_attic_7 VARCHAR(20), 
	PRIMARY KEY (id), 
	CONSTRAINT author_name UNIQUE (_attic_7)
);
INSERT INTO "author" VALUES(1,'Ann');
INSERT INTO "author" VALUES(2,'Ben');
CREATE TABLE badge (
	id INTEGER NOT NULL, 
	author_name VARCHAR(20), 
	PRIMARY KEY (id));
INSERT INTO "badge" VALUES(1,'Ben');
CREATE TABLE mark (
	id INTEGER NOT NULL, 
	note_id INTEGER, 
	PRIMARY KEY (id), 
	CONSTRAINT mark_note FOREIGN KEY(note_id) REFERENCES note (id)
);
INSERT INTO "mark" VALUES(1,2);
CREATE TABLE post (
	id INTEGER NOT NULL, 
	_attic_5 INTEGER, 
	title VARCHAR(40) NOT NULL, 
	_attic_2 VARCHAR(40), 
	_attic_1 VARCHAR(10) DEFAULT 'calm' NOT NULL, 
	_attic_3 INTEGER, 
	_attic_4 VARCHAR(10), _attic_9 VARCHAR(10), 
	PRIMARY KEY (id));
INSERT INTO "post" VALUES(1,1,'One','It''s 50% "off"','glad',5,'a',NULL);
INSERT INTO "post" VALUES(2,NULL,'Two','more','calm',NULL,NULL,NULL);
INSERT INTO "post" VALUES(3,NULL,'Three',NULL,'calm',NULL,NULL,'new');
CREATE TABLE rewind_attic (
	id INTEGER NOT NULL, 
	table_schema VARCHAR(255), 
	table_name VARCHAR(255) NOT NULL, 
	column_name VARCHAR(255), 
	revision VARCHAR(32) NOT NULL, 
	direction VARCHAR(4) NOT NULL, 
	hidden_at DATETIME NOT NULL, 
	is_type BOOLEAN NOT NULL, 
	details TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "rewind_attic" VALUES(1,NULL,'post','mood','2','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE post (\n\tid INTEGER NOT NULL, \n\tauthor_id INTEGER, \n\ttitle VARCHAR(40) NOT NULL, \n\tlead VARCHAR(40) NOT NULL, \n\tmood VARCHAR(10) DEFAULT ''calm'' NOT NULL, \n\tscore INTEGER, \n\tcode VARCHAR(10), \n\tPRIMARY KEY (id), \n\tCONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id), \n\tCONSTRAINT post_code UNIQUE (title, code), \n\tCONSTRAINT post_score CHECK (score >= 0)\n)", "definition": " \n\tmood VARCHAR(10) DEFAULT ''calm'' NOT NULL", "primary_key": false, "rest_of_key": [], "uniques": [], "keys_to": [], "moves_rows": false, "stays_not_null": false, "is_numbered": false, "last_number": null, "not_null": true, "has_default": true, "keys": [], "checks": [], "indexes": [["post_mood", "CREATE INDEX post_mood ON post (mood, title)"]], "columns": ["id", "author_id", "title", "lead", "mood", "score", "code"]}');
INSERT INTO "rewind_attic" VALUES(2,NULL,'post','lead','2','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE post (\n\tid INTEGER NOT NULL, \n\tauthor_id INTEGER, \n\ttitle VARCHAR(40) NOT NULL, \n\tlead VARCHAR(40) NOT NULL, \n\t_attic_1 VARCHAR(10) DEFAULT ''calm'' NOT NULL, \n\tscore INTEGER, \n\tcode VARCHAR(10), \n\tPRIMARY KEY (id), \n\tCONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id), \n\tCONSTRAINT post_code UNIQUE (title, code), \n\tCONSTRAINT post_score CHECK (score >= 0)\n)", "definition": " \n\tlead VARCHAR(40) NOT NULL", "primary_key": false, "rest_of_key": [], "uniques": [], "keys_to": [], "moves_rows": false, "stays_not_null": false, "is_numbered": false, "last_number": null, "not_null": true, "has_default": false, "keys": [], "checks": [], "indexes": [], "columns": ["id", "author_id", "title", "lead", "score", "code"]}');
INSERT INTO "rewind_attic" VALUES(3,NULL,'post','score','3','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE post (\n\tid INTEGER NOT NULL, \n\tauthor_id INTEGER, \n\ttitle VARCHAR(40) NOT NULL, \n\t_attic_2 VARCHAR(40), \n\t_attic_1 VARCHAR(10) DEFAULT ''calm'' NOT NULL, \n\tscore INTEGER, \n\tcode VARCHAR(10), \n\tPRIMARY KEY (id), \n\tCONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id), \n\tCONSTRAINT post_code UNIQUE (title, code), \n\tCONSTRAINT post_score CHECK (score >= 0)\n)", "definition": " \n\tscore INTEGER", "primary_key": false, "rest_of_key": [], "uniques": [], "keys_to": [], "moves_rows": false, "stays_not_null": false, "is_numbered": false, "last_number": null, "not_null": false, "has_default": false, "keys": [], "checks": [" CONSTRAINT post_score CHECK (score >= 0)"], "indexes": [], "columns": ["id", "author_id", "title", "score", "code"]}');
INSERT INTO "rewind_attic" VALUES(4,NULL,'post','code','3','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE post (\n\tid INTEGER NOT NULL, \n\tauthor_id INTEGER, \n\ttitle VARCHAR(40) NOT NULL, \n\t_attic_2 VARCHAR(40), \n\t_attic_1 VARCHAR(10) DEFAULT ''calm'' NOT NULL, \n\t_attic_3 INTEGER, \n\tcode VARCHAR(10), \n\tPRIMARY KEY (id), \n\tCONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id), \n\tCONSTRAINT post_code UNIQUE (title, code))", "definition": " \n\tcode VARCHAR(10)", "primary_key": false, "rest_of_key": [], "uniques": [" \n\tCONSTRAINT post_code UNIQUE (title, code)"], "keys_to": [], "moves_rows": true, "stays_not_null": false, "is_numbered": false, "last_number": null, "not_null": false, "has_default": false, "keys": [], "checks": [], "indexes": [], "columns": ["id", "author_id", "title", "code"]}');
INSERT INTO "rewind_attic" VALUES(5,NULL,'post','author_id','3','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE post (\n\tid INTEGER NOT NULL, \n\tauthor_id INTEGER, \n\ttitle VARCHAR(40) NOT NULL, \n\t_attic_2 VARCHAR(40), \n\t_attic_1 VARCHAR(10) DEFAULT ''calm'' NOT NULL, \n\t_attic_3 INTEGER, \n\t_attic_4 VARCHAR(10), \n\tPRIMARY KEY (id), \n\tCONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id))", "definition": " \n\tauthor_id INTEGER", "primary_key": false, "rest_of_key": [], "uniques": [], "keys_to": [], "moves_rows": false, "stays_not_null": false, "is_numbered": false, "last_number": null, "not_null": false, "has_default": false, "keys": [" \n\tCONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id)"], "checks": [], "indexes": [], "columns": ["id", "author_id", "title"]}');
INSERT INTO "rewind_attic" VALUES(6,NULL,'note',NULL,'4','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE note (\n\tid INTEGER NOT NULL, \n\tbody VARCHAR(40), \n\tpost_id INTEGER NOT NULL, \n\tPRIMARY KEY (id), \n\tCONSTRAINT note_post FOREIGN KEY(post_id) REFERENCES post (id)\n)", "indexes": [["note_body", "CREATE INDEX note_body ON note (body)"]], "called": []}');
INSERT INTO "rewind_attic" VALUES(7,NULL,'author','name','5','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE author (\n\tid INTEGER NOT NULL, \n\tname VARCHAR(20) NOT NULL, \n\tPRIMARY KEY (id), \n\tCONSTRAINT author_name UNIQUE (name)\n)", "definition": " \n\tname VARCHAR(20) NOT NULL", "primary_key": false, "rest_of_key": [], "uniques": [], "keys_to": [["badge", [["", "CONSTRAINT badge_author FOREIGN KEY(author_name) REFERENCES author (name)"]]]], "moves_rows": false, "stays_not_null": false, "is_numbered": false, "last_number": null, "not_null": true, "has_default": false, "keys": [], "checks": [], "indexes": [], "columns": ["id", "name"]}');
INSERT INTO "rewind_attic" VALUES(8,NULL,'tag','word','6','up','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE tag (\n\tpost_id INTEGER NOT NULL, \n\tword VARCHAR(10) NOT NULL, \n\tPRIMARY KEY (post_id, word)\n)", "definition": " \n\tword VARCHAR(10) NOT NULL", "primary_key": true, "rest_of_key": ["post_id"], "uniques": [], "keys_to": [], "moves_rows": true, "stays_not_null": true, "is_numbered": false, "last_number": null, "not_null": true, "has_default": false, "keys": [], "checks": [], "indexes": [], "columns": ["post_id", "word"]}');
INSERT INTO "rewind_attic" VALUES(9,NULL,'post','extra','8','down','2026-01-02 03:04:05',0,'{"text": "CREATE TABLE post (\n\tid INTEGER NOT NULL, \n\t_attic_5 INTEGER, \n\ttitle VARCHAR(40) NOT NULL, \n\t_attic_2 VARCHAR(40), \n\t_attic_1 VARCHAR(10) DEFAULT ''calm'' NOT NULL, \n\t_attic_3 INTEGER, \n\t_attic_4 VARCHAR(10), extra VARCHAR(10), \n\tPRIMARY KEY (id))", "definition": " extra VARCHAR(10)", "primary_key": false, "rest_of_key": [], "uniques": [], "keys_to": [], "moves_rows": false, "stays_not_null": false, "is_numbered": false, "last_number": null, "not_null": false, "has_default": false, "keys": [], "checks": [], "indexes": [], "columns": ["id", "title", "extra"]}');
CREATE TABLE rewind_crossings (
	id INTEGER NOT NULL, 
	move_id INTEGER NOT NULL, 
	revision VARCHAR(255) NOT NULL, 
	direction VARCHAR(4) NOT NULL, 
	message TEXT NOT NULL, 
	parents TEXT NOT NULL, 
	source TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	state VARCHAR(10) NOT NULL, 
	fingerprint_before VARCHAR(64) NOT NULL, 
	fingerprint_after VARCHAR(64) NOT NULL, 
	changes TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "rewind_crossings" VALUES(1,1,'1','up','step','[]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945','59fa66cab0030e73915acc314f27cb13e4a5d094f69b8d71803b8cdc1d8e18fb','{"changes": [[null, ["table", "author", "", ")", "author", "CREATE TABLE author (\n\tid INTEGER NOT NULL, \n\tname VARCHAR(20) NOT NULL, \n\tPRIMARY KEY (id), \n\tCONSTRAINT author_name UNIQUE (name)\n)"]], [null, ["column", "author", "id", "integer not null", "", "id INTEGER NOT NULL"]], [null, ["column", "author", "name", "varchar ( 20 ) not null", "", "name VARCHAR(20) NOT NULL"]], [null, ["primary key", "author", "", "(id)", "", "PRIMARY KEY (id)"]], [null, ["unique", "author", "(name)", "(name)", "author_name", "CONSTRAINT author_name UNIQUE (name)"]], [null, ["table", "badge", "", ")", "badge", "CREATE TABLE badge (\n\tid INTEGER NOT NULL, \n\tauthor_name VARCHAR(20), \n\tPRIMARY KEY (id), \n\tCONSTRAINT badge_author FOREIGN KEY(author_name) REFERENCES author (name)\n)"]], [null, ["column", "badge", "id", "integer not null", "", "id INTEGER NOT NULL"]], [null, ["column", "badge", "author_name", "varchar ( 20 )", "", "author_name VARCHAR(20)"]], [null, ["primary key", "badge", "", "(id)", "", "PRIMARY KEY (id)"]], [null, ["foreign key", "badge", "(author_name) to author", "references author ( name )", "badge_author", "CONSTRAINT badge_author FOREIGN KEY(author_name) REFERENCES author (name)"]], [null, ["table", "mark", "", ")", "mark", "CREATE TABLE mark (\n\tid INTEGER NOT NULL, \n\tnote_id INTEGER, \n\tPRIMARY KEY (id), \n\tCONSTRAINT mark_note FOREIGN KEY(note_id) REFERENCES note (id)\n)"]], [null, ["column", "mark", "id", "integer not null", "", "id INTEGER NOT NULL"]], [null, ["column", "mark", "note_id", "integer", "", "note_id INTEGER"]], [null, ["primary key", "mark", "", "(id)", "", "PRIMARY KEY (id)"]], [null, ["foreign key", "mark", "(note_id) to note", "references note ( id )", "mark_note", "CONSTRAINT mark_note FOREIGN KEY(note_id) REFERENCES note (id)"]], [null, ["table", "note", "", ")", "note", "CREATE TABLE note (\n\tid INTEGER NOT NULL, \n\tbody VARCHAR(40), \n\tpost_id INTEGER NOT NULL, \n\tPRIMARY KEY (id), \n\tCONSTRAINT note_post FOREIGN KEY(post_id) REFERENCES post (id)\n)"]], [null, ["column", "note", "id", "integer not null", "", "id INTEGER NOT NULL"]], [null, ["column", "note", "body", "varchar ( 40 )", "", "body VARCHAR(40)"]], [null, ["column", "note", "post_id", "integer not null", "", "post_id INTEGER NOT NULL"]], [null, ["primary key", "note", "", "(id)", "", "PRIMARY KEY (id)"]], [null, ["foreign key", "note", "(post_id) to post", "references post ( id )", "note_post", "CONSTRAINT note_post FOREIGN KEY(post_id) REFERENCES post (id)"]], [null, ["trigger", "note", "note_added", "create trigger note_added after insert on note begin update note set body = upper ( body ) where id = new . id ; end", "note_added", "CREATE TRIGGER note_added AFTER INSERT ON note BEGIN UPDATE note SET body = upper(body) WHERE id = NEW.id; END"]], [null, ["index", "note", "note_body", "create index note_body on note ( body )", "note_body", "CREATE INDEX note_body ON note (body)"]], [null, ["view", "", "notes", "create view notes as select id , body from note", "notes", "CREATE VIEW notes AS SELECT id, body FROM note"]], [null, ["table", "post", "", ")", "post", "CREATE TABLE post (\n\tid INTEGER NOT NULL, \n\tauthor_id INTEGER, \n\ttitle VARCHAR(40) NOT NULL, \n\tlead VARCHAR(40) NOT NULL, \n\tmood VARCHAR(10) DEFAULT ''calm'' NOT NULL, \n\tscore INTEGER, \n\tcode VARCHAR(10), \n\tPRIMARY KEY (id), \n\tCONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id), \n\tCONSTRAINT post_code UNIQUE (title, code), \n\tCONSTRAINT post_score CHECK (score >= 0)\n)"]], [null, ["column", "post", "id", "integer not null", "", "id INTEGER NOT NULL"]], [null, ["column", "post", "author_id", "integer", "", "author_id INTEGER"]], [null, ["column", "post", "title", "varchar ( 40 ) not null", "", "title VARCHAR(40) NOT NULL"]], [null, ["column", "post", "lead", "varchar ( 40 ) not null", "", "lead VARCHAR(40) NOT NULL"]], [null, ["column", "post", "mood", "varchar ( 10 ) default ''calm'' not null", "", "mood VARCHAR(10) DEFAULT ''calm'' NOT NULL"]], [null, ["column", "post", "score", "integer", "", "score INTEGER"]], [null, ["column", "post", "code", "varchar ( 10 )", "", "code VARCHAR(10)"]], [null, ["primary key", "post", "", "(id)", "", "PRIMARY KEY (id)"]], [null, ["foreign key", "post", "(author_id) to author", "references author ( id )", "post_author", "CONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id)"]], [null, ["unique", "post", "(title, code)", "(title, code)", "post_code", "CONSTRAINT post_code UNIQUE (title, code)"]], [null, ["check", "post", "check ( score > = 0 )", "check ( score > = 0 )", "post_score", "CONSTRAINT post_score CHECK (score >= 0)"]], [null, ["index", "post", "post_mood", "create index post_mood on post ( mood , title )", "post_mood", "CREATE INDEX post_mood ON post (mood, title)"]], [null, ["table", "tag", "", ")", "tag", "CREATE TABLE tag (\n\tpost_id INTEGER NOT NULL, \n\tword VARCHAR(10) NOT NULL, \n\tPRIMARY KEY (post_id, word)\n)"]], [null, ["column", "tag", "post_id", "integer not null", "", "post_id INTEGER NOT NULL"]], [null, ["column", "tag", "word", "varchar ( 10 ) not null", "", "word VARCHAR(10) NOT NULL"]], [null, ["primary key", "tag", "", "(post_id, word)", "", "PRIMARY KEY (post_id, word)"]]], "renames": []}');
INSERT INTO "rewind_crossings" VALUES(2,2,'2','up','step','["1"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','59fa66cab0030e73915acc314f27cb13e4a5d094f69b8d71803b8cdc1d8e18fb','d75c351aba111c964339d272a84edf56a2ad15fa7979299863dc151566713395','{"changes": [[["column", "post", "lead", "varchar ( 40 ) not null", "", "lead VARCHAR(40) NOT NULL"], null], [["column", "post", "mood", "varchar ( 10 ) default ''calm'' not null", "", "mood VARCHAR(10) DEFAULT ''calm'' NOT NULL"], null], [["index", "post", "post_mood", "create index post_mood on post ( mood , title )", "post_mood", "CREATE INDEX post_mood ON post (mood, title)"], null]], "renames": [["post", "mood", "_attic_1"], ["post", "lead", "_attic_2"]]}');
INSERT INTO "rewind_crossings" VALUES(3,2,'3','up','step','["2"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','d75c351aba111c964339d272a84edf56a2ad15fa7979299863dc151566713395','8038d37a37c89e515b947f542426fea2f73095f83d4c1057c2f03efb080db679','{"changes": [[["column", "post", "author_id", "integer", "", "author_id INTEGER"], null], [["column", "post", "score", "integer", "", "score INTEGER"], null], [["column", "post", "code", "varchar ( 10 )", "", "code VARCHAR(10)"], null], [["foreign key", "post", "(author_id) to author", "references author ( id )", "post_author", "CONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id)"], null], [["unique", "post", "(title, code)", "(title, code)", "post_code", "CONSTRAINT post_code UNIQUE (title, code)"], null], [["check", "post", "check ( score > = 0 )", "check ( score > = 0 )", "post_score", "CONSTRAINT post_score CHECK (score >= 0)"], null]], "renames": [["post", "score", "_attic_3"], ["post", "code", "_attic_4"], ["post", "author_id", "_attic_5"]]}');
INSERT INTO "rewind_crossings" VALUES(4,2,'4','up','step','["3"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','8038d37a37c89e515b947f542426fea2f73095f83d4c1057c2f03efb080db679','64c87a7860019b3f753160f60889879473cdd521241846988729807ab1f988f9','{"changes": [[["table", "note", "", ")", "note", "CREATE TABLE note (\n\tid INTEGER NOT NULL, \n\tbody VARCHAR(40), \n\tpost_id INTEGER NOT NULL, \n\tPRIMARY KEY (id), \n\tCONSTRAINT note_post FOREIGN KEY(post_id) REFERENCES post (id)\n)"], null], [["column", "note", "id", "integer not null", "", "id INTEGER NOT NULL"], null], [["column", "note", "body", "varchar ( 40 )", "", "body VARCHAR(40)"], null], [["column", "note", "post_id", "integer not null", "", "post_id INTEGER NOT NULL"], null], [["primary key", "note", "", "(id)", "", "PRIMARY KEY (id)"], null], [["foreign key", "note", "(post_id) to post", "references post ( id )", "note_post", "CONSTRAINT note_post FOREIGN KEY(post_id) REFERENCES post (id)"], null], [["trigger", "note", "note_added", "create trigger note_added after insert on note begin update note set body = upper ( body ) where id = new . id ; end", "note_added", "CREATE TRIGGER note_added AFTER INSERT ON note BEGIN UPDATE note SET body = upper(body) WHERE id = NEW.id; END"], null], [["index", "note", "note_body", "create index note_body on note ( body )", "note_body", "CREATE INDEX note_body ON note (body)"], null]], "renames": [["note", "", "_attic_6"]]}');
INSERT INTO "rewind_crossings" VALUES(5,2,'5','up','step','["4"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','64c87a7860019b3f753160f60889879473cdd521241846988729807ab1f988f9','28197e4fb109b0a77c80caf9a45ab3705cab0f1f8e36283e1afcc2517eb20fe3','{"changes": [[["column", "author", "name", "varchar ( 20 ) not null", "", "name VARCHAR(20) NOT NULL"], null], [["unique", "author", "(name)", "(name)", "author_name", "CONSTRAINT author_name UNIQUE (name)"], null], [["foreign key", "badge", "(author_name) to author", "references author ( name )", "badge_author", "CONSTRAINT badge_author FOREIGN KEY(author_name) REFERENCES author (name)"], null]], "renames": [["author", "name", "_attic_7"]]}');
INSERT INTO "rewind_crossings" VALUES(6,2,'6','up','step','["5"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','28197e4fb109b0a77c80caf9a45ab3705cab0f1f8e36283e1afcc2517eb20fe3','d7da548279e4043ea353befd69b3cc798b941d6ecc6553a3ec899c4e5eb71451','{"changes": [[["column", "tag", "word", "varchar ( 10 ) not null", "", "word VARCHAR(10) NOT NULL"], null], [["primary key", "tag", "", "(post_id, word)", "", "PRIMARY KEY (post_id, word)"], ["primary key", "tag", "", "(post_id)", "", "PRIMARY KEY (\"post_id\")"]]], "renames": [["tag", "word", "_attic_8"]]}');
INSERT INTO "rewind_crossings" VALUES(7,2,'7','up','step','["6"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','d7da548279e4043ea353befd69b3cc798b941d6ecc6553a3ec899c4e5eb71451','d7da548279e4043ea353befd69b3cc798b941d6ecc6553a3ec899c4e5eb71451','{"changes": [], "renames": []}');
INSERT INTO "rewind_crossings" VALUES(8,2,'8','up','step','["7"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','d7da548279e4043ea353befd69b3cc798b941d6ecc6553a3ec899c4e5eb71451','de4758e0082852d0481081f8e476e60b42d4d6ca25195e98c454aa7b24be286c','{"changes": [[null, ["column", "post", "extra", "varchar ( 10 )", "", "extra VARCHAR(10)"]]], "renames": []}');
INSERT INTO "rewind_crossings" VALUES(9,3,'8','down','step','["7"]','','2026-01-02 03:04:05','2026-01-02 03:04:05','done','de4758e0082852d0481081f8e476e60b42d4d6ca25195e98c454aa7b24be286c','d7da548279e4043ea353befd69b3cc798b941d6ecc6553a3ec899c4e5eb71451','{"changes": [[["column", "post", "extra", "varchar ( 10 )", "", "extra VARCHAR(10)"], null]], "renames": [["post", "extra", "_attic_9"]]}');
CREATE TABLE rewind_moves (
	id INTEGER NOT NULL, 
	layout INTEGER NOT NULL, 
	command VARCHAR(20) NOT NULL, 
	target VARCHAR(255) NOT NULL, 
	options TEXT NOT NULL, 
	who VARCHAR(255) NOT NULL, 
	session VARCHAR(64) NOT NULL, 
	heads_before TEXT NOT NULL, 
	heads_after TEXT, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	outcome VARCHAR(10) NOT NULL, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "rewind_moves" VALUES(1,1,'upgrade','1','{}','somebody','','[]','["1"]','2026-01-02 03:04:05','2026-01-02 03:04:05','done','');
INSERT INTO "rewind_moves" VALUES(2,1,'upgrade','head','{}','somebody','','["1"]','["8"]','2026-01-02 03:04:05','2026-01-02 03:04:05','done','');
INSERT INTO "rewind_moves" VALUES(3,1,'downgrade','7','{}','somebody','','["8"]','["7"]','2026-01-02 03:04:05','2026-01-02 03:04:05','done','');
CREATE TABLE rewind_steps (
	id INTEGER NOT NULL, 
	crossing_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	statement TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	milliseconds INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "rewind_steps" VALUES(1,1,1,'CREATE TABLE author ( id INTEGER NOT NULL, name VARCHAR(20) NOT NULL, PRIMARY KEY (id), CONSTRAINT author_name UNIQUE (name) )','','done',0);
INSERT INTO "rewind_steps" VALUES(2,1,2,'CREATE TABLE post ( id INTEGER NOT NULL, author_id INTEGER, title VARCHAR(40) NOT NULL, lead VARCHAR(40) NOT NULL, mood VARCHAR(10) DEFAULT ''calm'' NOT NULL, score INTEGER, code VARCHAR(10), PRIMARY KEY (id), CONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id), CONSTRAINT post_code UNIQUE (title, code), CONSTRAINT post_score CHECK (score >= 0) )','','done',0);
INSERT INTO "rewind_steps" VALUES(3,1,3,'CREATE INDEX post_mood ON post (mood, title)','','done',0);
INSERT INTO "rewind_steps" VALUES(4,1,4,'CREATE TABLE note ( id INTEGER NOT NULL, body VARCHAR(40), post_id INTEGER NOT NULL, PRIMARY KEY (id), CONSTRAINT note_post FOREIGN KEY(post_id) REFERENCES post (id) )','','done',0);
INSERT INTO "rewind_steps" VALUES(5,1,5,'CREATE INDEX note_body ON note (body)','','done',0);
INSERT INTO "rewind_steps" VALUES(6,1,6,'CREATE TABLE mark ( id INTEGER NOT NULL, note_id INTEGER, PRIMARY KEY (id), CONSTRAINT mark_note FOREIGN KEY(note_id) REFERENCES note (id) )','','done',0);
INSERT INTO "rewind_steps" VALUES(7,1,7,'CREATE TABLE badge ( id INTEGER NOT NULL, author_name VARCHAR(20), PRIMARY KEY (id), CONSTRAINT badge_author FOREIGN KEY(author_name) REFERENCES author (name) )','','done',0);
INSERT INTO "rewind_steps" VALUES(8,1,8,'CREATE TABLE tag ( post_id INTEGER NOT NULL, word VARCHAR(10) NOT NULL, PRIMARY KEY (post_id, word) )','','done',0);
INSERT INTO "rewind_steps" VALUES(9,1,9,'CREATE TRIGGER note_added AFTER INSERT ON note BEGIN UPDATE note SET body = upper(body) WHERE id = NEW.id; END','','done',0);
INSERT INTO "rewind_steps" VALUES(10,1,10,'CREATE VIEW notes AS SELECT id, body FROM note','','done',0);
INSERT INTO "rewind_steps" VALUES(11,2,1,'DROP INDEX "post_mood"','hides post.mood as _attic_1','done',0);
INSERT INTO "rewind_steps" VALUES(12,2,2,'ALTER TABLE "post" RENAME COLUMN "mood" TO _attic_1','hides post.mood as _attic_1','done',0);
INSERT INTO "rewind_steps" VALUES(13,2,3,'ALTER TABLE "post" RENAME COLUMN "lead" TO _attic_2','hides post.lead as _attic_2','done',0);
INSERT INTO "rewind_steps" VALUES(14,3,1,'ALTER TABLE "post" RENAME COLUMN "score" TO _attic_3','hides post.score as _attic_3','done',0);
INSERT INTO "rewind_steps" VALUES(15,3,2,'CREATE TABLE rewind_new ( id INTEGER NOT NULL, author_id INTEGER, title VARCHAR(40) NOT NULL, _attic_2 VARCHAR(40), _attic_1 VARCHAR(10) DEFAULT ''calm'' NOT NULL, _attic_3 INTEGER, code VARCHAR(10), PRIMARY KEY (id), CONSTRAINT post_author FOREIGN KEY(author_id) REFERENCES author (id))','hides post.code as _attic_4','done',0);
INSERT INTO "rewind_steps" VALUES(16,3,3,'INSERT INTO rewind_new ("id", "author_id", "title", "_attic_2", "_attic_1", "_attic_3", "code") SELECT "id", "author_id", "title", "_attic_2", "_attic_1", "_attic_3", "code" FROM "post"','hides post.code as _attic_4','done',0);
INSERT INTO "rewind_steps" VALUES(17,3,4,'DROP TABLE "post"','hides post.code as _attic_4','done',0);
INSERT INTO "rewind_steps" VALUES(18,3,5,'ALTER TABLE rewind_new RENAME TO "post"','hides post.code as _attic_4','done',0);
INSERT INTO "rewind_steps" VALUES(19,3,6,'ALTER TABLE "post" RENAME COLUMN "code" TO _attic_4','hides post.code as _attic_4','done',0);
INSERT INTO "rewind_steps" VALUES(20,3,7,'ALTER TABLE "post" RENAME COLUMN "author_id" TO _attic_5','hides post.author_id as _attic_5','done',0);
INSERT INTO "rewind_steps" VALUES(21,4,1,'DROP INDEX "note_body"','hides note as _attic_6','done',0);
INSERT INTO "rewind_steps" VALUES(22,4,2,'ALTER TABLE "note" RENAME TO "_attic_6"','hides note as _attic_6','done',0);
INSERT INTO "rewind_steps" VALUES(23,5,1,'ALTER TABLE "author" RENAME COLUMN "name" TO _attic_7','hides author.name as _attic_7','done',0);
INSERT INTO "rewind_steps" VALUES(24,6,1,'CREATE TABLE rewind_new ( post_id INTEGER NOT NULL, word VARCHAR(10), PRIMARY KEY ("post_id"))','hides tag.word as _attic_8','done',0);
INSERT INTO "rewind_steps" VALUES(25,6,2,'INSERT INTO rewind_new ("post_id", "word") SELECT "post_id", "word" FROM "tag"','hides tag.word as _attic_8','done',0);
INSERT INTO "rewind_steps" VALUES(26,6,3,'DROP TABLE "tag"','hides tag.word as _attic_8','done',0);
INSERT INTO "rewind_steps" VALUES(27,6,4,'ALTER TABLE rewind_new RENAME TO "tag"','hides tag.word as _attic_8','done',0);
INSERT INTO "rewind_steps" VALUES(28,6,5,'ALTER TABLE "tag" RENAME COLUMN "word" TO _attic_8','hides tag.word as _attic_8','done',0);
INSERT INTO "rewind_steps" VALUES(29,8,1,'ALTER TABLE post ADD COLUMN extra VARCHAR(10)','','done',0);
INSERT INTO "rewind_steps" VALUES(30,9,1,'ALTER TABLE "post" RENAME COLUMN "extra" TO _attic_9','hides post.extra as _attic_9','done',0);
CREATE TABLE tag (
	post_id INTEGER NOT NULL, 
	_attic_8 VARCHAR(10), PRIMARY KEY ("post_id"));
INSERT INTO "tag" VALUES(1,'red');
INSERT INTO "tag" VALUES(2,'blue');
CREATE INDEX rewind_crossings_move ON rewind_crossings (move_id);
CREATE INDEX rewind_crossings_revision ON rewind_crossings (revision);
CREATE INDEX rewind_steps_crossing ON rewind_steps (crossing_id);
CREATE TRIGGER note_added AFTER INSERT ON "_attic_6" BEGIN UPDATE note SET body = upper(body) WHERE id = NEW.id; END;
CREATE VIEW notes AS SELECT id, body FROM note;
COMMIT;
