"""MariaDB and MySQL: each DDL statement commits; a hidden column is INVISIBLE."""
