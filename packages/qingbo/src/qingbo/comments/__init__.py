"""Comments: by people with an account and by guests. Reads are in `queries`, changes in `moderation`."""
