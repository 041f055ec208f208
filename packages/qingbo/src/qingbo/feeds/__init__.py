"""Feeds of the public posts: Atom, RSS 2.0 and JSON Feed, of the site, a tag, an author, a series and a kind.

`views` answers, `scopes` selects the posts of a feed, `entries` describes each of them.
"""
