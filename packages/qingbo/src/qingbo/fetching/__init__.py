"""Safe fetching of pages that people link to. Network code without Flask and without the database.

`fetcher` is the entry point. It connects only to public addresses, checked on the numeric address of the connection;
`public` defines them. Resolver and connector are parameters, so that tests can use a local server; no setting allows
other addresses. `pages` reads the result.
"""
