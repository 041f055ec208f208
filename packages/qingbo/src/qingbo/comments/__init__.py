"""Comments, by people with an account and by guests.

Reads are in `queries`, changes in `moderation`, mails about replies in `subscriptions`. `passes` keeps bots out,
`holding` decides which comments wait for approval.
"""
