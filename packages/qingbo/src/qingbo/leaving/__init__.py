"""Deleting an account, by the person themselves, with a choice for their posts."""
