"""PostgreSQL: everything is in one transaction, and names are changed in the catalog."""
