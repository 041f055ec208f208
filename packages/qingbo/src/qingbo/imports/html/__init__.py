"""HTML of other systems as text of this blog: Markdown where nothing is lost, else HTML. Pure functions.

`conversion` is the entry point; `reading` describes what a reader sees of a piece of HTML, so that two can be compared.
"""
