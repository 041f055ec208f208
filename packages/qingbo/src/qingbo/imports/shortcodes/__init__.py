"""Converts shortcodes (Liquid, Nunjucks, Hugo, Zola) to Markdown. Pure.

`converting` is the entry, `scanning` finds tags outside of code, `tags` knows the common ones, and `pieces` writes
Markdown. The caller resolves the names of other files.
"""
