"""The studio: posts and comments for authors; people, settings, health and the activity log for administrators."""
