"""What everybody sees: the public pages, their sidebar, old addresses, errors, health."""
