"""The studio: where authors find their posts and comments, and administrators people, settings, health and the log."""
