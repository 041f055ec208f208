"""MariaDB and MySQL: each DDL statement commits; hidden columns are INVISIBLE."""
