"""MariaDB and MySQL: each DDL statement commits, and a lock of a name is the lease."""

from flask_rewind.engines.engine import Engine


class MySQL(Engine):
    """A MariaDB or MySQL database."""

    commits_each_ddl_statement = True
    makes_key_indexes = True
    naming_database = "SELECT CONCAT_WS(' ', @@hostname, @@port, @@datadir, DATABASE())"
    # A name may have 64 characters, as that of a database.
    taking_lease = "SELECT GET_LOCK(CONCAT('rewind_', SHA1(COALESCE(DATABASE(), ''))), 0)"
    running_in_session = (
        "SELECT info FROM information_schema.processlist WHERE id = :session AND info IS NOT NULL"
        " AND user = SUBSTRING_INDEX(USER(), '@', 1) AND db = DATABASE()"
    )
    ending_session = "KILL CONNECTION {}"
    holding_lease = (
        "SELECT CONCAT('connection ', id, ' of ', user, ' from ', host) FROM information_schema.processlist"
        " WHERE id = IS_USED_LOCK(CONCAT('rewind_', SHA1(COALESCE(DATABASE(), ''))))"
    )
