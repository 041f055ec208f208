"""Pure text work: merging two changes of one text, and showing what changed. No Flask, no database, no clock.

`splitting` cuts texts into pieces, and `matching` pairs those that two texts share, for `merging` and `differences`.
"""
