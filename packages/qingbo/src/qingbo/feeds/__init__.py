"""Feeds of the public posts: Atom, RSS 2.0 and JSON Feed, of the site, a tag, an author, a series and a kind.

`views` answers, `scopes` says whose posts a feed has, `entries` what it says of each.
"""
