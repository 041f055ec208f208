"""How the site looks: themes, the pictures of the site, and trying changes out before everybody sees them.

Below `posts`, which asks here whether a file is in use. The stylesheet is put together in `site.stylesheets`, the HTML
of the pictures in `site.branding`, the form is in `studio.appearance`.
"""

NAMES = ("theme", "accent", "custom_css", "logo", "cover", "favicon", "home_layout", "footer_text")
"""The settings that make it up."""
