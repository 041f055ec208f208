"""Cards for pages that posts link to."""
