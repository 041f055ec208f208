"""The public pages: content, sidebar, redirects, errors, health."""
