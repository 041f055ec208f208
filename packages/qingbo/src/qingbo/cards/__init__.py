"""Cards for pages that posts link to: an address alone in a paragraph is shown with the title of its page.

`asking` adds rows when a post is saved, `fetching` fills them in the background, `decorating` inserts the cards into a
page's HTML. `players` knows the video sites. Only `asking` and `fetching` use the app.
"""
