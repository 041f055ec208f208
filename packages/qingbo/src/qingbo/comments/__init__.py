"""Comments: by people with an account and by guests.

Reads are in `queries`, changes in `moderation`, telling people of replies in `subscriptions`; `passes` keeps programs
out, `holding` says which comments wait for approval.
"""
