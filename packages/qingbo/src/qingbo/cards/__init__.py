"""Cards for pages that posts link to: an address alone in a paragraph is shown with the title of its page.

`asking` writes rows down when a post is saved, `fetching` fills them in the background, `decorating` puts them into the
HTML of a page that is shown. `players` knows the sites of videos. Only `asking` and `fetching` know the app.
"""
