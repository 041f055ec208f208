"""Fetching pages that people name, safely: pure network code, without Flask and without the database.

`fetcher` is the door. It speaks to public addresses only, checked on the number that is connected to; `public` says
which those are. Resolver and connector are parameters, so that tests can reach a server of their own; no setting opens
anything else. `pages` reads what came.
"""
