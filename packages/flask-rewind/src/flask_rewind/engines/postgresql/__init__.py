"""PostgreSQL: a crossing is one transaction, and hiding is a rename in the catalog."""
