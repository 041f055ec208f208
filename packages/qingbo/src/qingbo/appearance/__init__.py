"""How the site looks: themes, the pictures of the site, and previews of changes before they are public.

Imported by `posts`, which asks it whether a file is in use. `site.stylesheets` builds the stylesheet, `site.branding`
the HTML of the pictures, `studio.appearance` the form.
"""

NAMES = ("theme", "accent", "custom_css", "logo", "cover", "favicon", "home_layout", "footer_text")
"""The settings that define the look."""
