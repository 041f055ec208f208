"""Which fault an error stands for, also of drivers that are not installed here."""

import pytest
from flask_rewind.engines.faults import diagnosis_of, fault_of, says_it_exists
from flask_rewind.faults import Fault
from sqlalchemy.exc import DBAPIError


def error_of(module: str, *args: object, **attributes: object) -> Exception:
    """Return an error as a driver raises it."""
    kind = type("OperationalError", (Exception,), {"__module__": module})
    error: Exception = kind(*args)
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


OF_MARIADB: list[tuple[int, str, Fault | None]] = [
    (0, "", Fault.CONNECTION_LOST),
    (2006, "MySQL server has gone away", Fault.CONNECTION_LOST),
    (2013, "Lost connection to MySQL server during query", Fault.CONNECTION_LOST),
    (1927, "Connection was killed", Fault.CONNECTION_LOST),
    (2003, "Can't connect to MySQL server on 'db' ([Errno 111] Connection refused)", Fault.NO_SERVER),
    (
        2003,
        "Can't connect to MySQL server on 'db' ([Errno -3] Temporary failure in name resolution)",
        Fault.UNKNOWN_HOST,
    ),
    (2005, "Unknown MySQL server host 'db' (-2)", Fault.UNKNOWN_HOST),
    (1040, "Too many connections", Fault.TOO_MANY_CONNECTIONS),
    (1205, "Lock wait timeout exceeded; try restarting transaction", Fault.LOCK_TIMEOUT),
    (1213, "Deadlock found when trying to get lock; try restarting transaction", Fault.DEADLOCK),
    (3024, "Query execution was interrupted, maximum statement execution time exceeded", Fault.TIME_LIMIT),
    (1290, "The MySQL server is running with the --super-read-only option so it cannot", Fault.READ_ONLY),
    (1290, "The MySQL server is running with the --secure-file-priv option so it cannot", None),
    (1030, 'Got error 28 "No space left on device" from storage engine InnoDB', Fault.DISK_FULL),
    (1005, 'Can\'t create table `blog`.`post` (errno: 28 "No space left on device")', Fault.DISK_FULL),
    (1026, 'Error writing file (Errcode: 30 "Read-only file system")', Fault.READ_ONLY),
    (1030, 'Got error 122 "Disk quota exceeded" from storage engine InnoDB', Fault.DISK_FULL),
    (1005, 'Can\'t create table `blog`.`post` (errno: 150 "Foreign key constraint is incorrectly formed")', None),
    (1064, "You have an error in your SQL syntax", None),
    (1054, "Unknown column 'x' in 'field list'", None),
]
OF_POSTGRESQL: list[tuple[str, str, Fault | None]] = [
    ("53100", "could not extend file", Fault.DISK_FULL),
    ("25006", "cannot execute CREATE TABLE in a read-only transaction", Fault.READ_ONLY),
    ("42501", "must be owner of table post", Fault.NOT_OWNER),
    ("42501", "permission denied for table post", Fault.NO_PRIVILEGE),
    ("57014", "canceling statement due to statement timeout", Fault.TIME_LIMIT),
    ("57014", "canceling statement due to user request", Fault.CANCELLED),
    ("55P03", "canceling statement due to lock timeout", Fault.LOCK_TIMEOUT),
    ("40P01", "deadlock detected", Fault.DEADLOCK),
    ("57P01", "terminating connection due to administrator command", Fault.CONNECTION_LOST),
    ("08006", "connection failure", Fault.CONNECTION_LOST),
    ("28P01", 'password authentication failed for user "blog"', Fault.WRONG_PASSWORD),
    ("3D000", 'database "blog" does not exist', Fault.NO_DATABASE),
    ("53300", "sorry, too many clients already", Fault.TOO_MANY_CONNECTIONS),
    ("57P03", "the database system is starting up", Fault.NO_SERVER),
    ("42P01", 'relation "x" does not exist', None),
    ("23505", "duplicate key value violates unique constraint", None),
    ("", 'connection to server at "db", port 5432 failed: Connection refused', Fault.NO_SERVER),
    ("", 'could not translate host name "db" to address: Name or service not known', Fault.UNKNOWN_HOST),
    ("", 'FATAL:  password authentication failed for user "blog"', Fault.WRONG_PASSWORD),
    ("", 'FATAL:  no pg_hba.conf entry for host "::1", user "blog"', Fault.WRONG_PASSWORD),
    ("", 'FATAL:  database "blog" does not exist', Fault.NO_DATABASE),
    ("", "FATAL:  sorry, too many clients already", Fault.TOO_MANY_CONNECTIONS),
    ("", "server closed the connection unexpectedly", Fault.CONNECTION_LOST),
    ("", "the connection is lost", Fault.CONNECTION_LOST),
    ("", "FATAL:  the database system is shutting down", Fault.NO_SERVER),
    ("", "can't adapt type 'object'", None),
]
OF_SQLITE: list[tuple[int | None, str, Fault | None]] = [
    (13, "database or disk is full", Fault.DISK_FULL),
    (5, "database is locked", Fault.FILE_LOCKED),
    (517, "database is locked", Fault.FILE_LOCKED),
    (6, "database table is locked", Fault.FILE_LOCKED),
    (8, "attempt to write a readonly database", Fault.READ_ONLY),
    (1544, "attempt to write a readonly database", Fault.READ_ONLY),
    (14, "unable to open database file", Fault.CANNOT_OPEN),
    (26, "file is not a database", Fault.NOT_A_DATABASE),
    (9, "interrupted", Fault.CANCELLED),
    (1, "no such table: post", None),
    (2067, "UNIQUE constraint failed: post.slug", None),
    (None, "database or disk is full", Fault.DISK_FULL),
    (None, "database is locked", Fault.FILE_LOCKED),
    (None, "no such table: locked", None),
]


@pytest.mark.parametrize(("number", "text", "fault"), OF_MARIADB)
@pytest.mark.parametrize("module", ["pymysql.err", "MySQLdb", "mysql.connector.errors", "asyncmy.errors"])
def test_a_number_of_mariadb(module: str, number: int, text: str, fault: Fault | None) -> None:
    assert fault_of(error_of(module, number, text)) is fault
    assert fault_of(error_of("mariadb", text, errno=number)) is fault


@pytest.mark.parametrize(("state", "text", "fault"), OF_POSTGRESQL)
def test_a_state_of_postgresql(state: str, text: str, fault: Fault | None) -> None:
    assert fault_of(error_of("psycopg.errors", text, sqlstate=state or None)) is fault
    assert fault_of(error_of("psycopg2.errors", text, pgcode=state or None)) is fault
    assert fault_of(error_of("sqlalchemy.dialects.postgresql.asyncpg", text, sqlstate=state or None)) is fault


@pytest.mark.parametrize(("code", "text", "fault"), OF_SQLITE)
def test_a_code_of_sqlite(code: int | None, text: str, fault: Fault | None) -> None:
    assert fault_of(error_of("sqlite3", text, **({} if code is None else {"sqlite_errorcode": code}))) is fault


def test_what_sqlalchemy_knows_of_a_lost_connection() -> None:
    error = DBAPIError("SELECT 1", {}, error_of("pymysql.err", 1064, "?"), connection_invalidated=True)
    assert fault_of(error) is Fault.CONNECTION_LOST
    found = diagnosis_of(error)
    assert found is not None
    assert found.remedy == "Run the same command again as soon as the database answers."


def test_an_error_that_is_no_drivers() -> None:
    for error in (ValueError("database is locked"), OSError(28, "No space left on device")):
        assert fault_of(error) is None
        assert diagnosis_of(error) is None
        assert not says_it_exists(error)


def test_every_fault_has_words_on_every_engine() -> None:
    samples = {
        "pymysql.err": {fault: (number, text) for number, text, fault in OF_MARIADB if fault},
        "psycopg.errors": {fault: (text,) for _, text, fault in OF_POSTGRESQL if fault},
        "sqlite3": {fault: (text,) for code, text, fault in OF_SQLITE if fault and code is None},
    }
    for module, cases in samples.items():
        for fault, args in cases.items():
            state = next((state for state, text, _ in OF_POSTGRESQL if (text,) == args), "")
            found = diagnosis_of(error_of(module, *args, sqlstate=state if module == "psycopg.errors" else None))
            assert found is not None
            assert (found.fault, found.said != "" or args[0] == 0) == (fault, True)
            assert found.remedy.endswith((".", ";"))
