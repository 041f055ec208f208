"""Text algorithms: merging two changes of a text, and showing what changed. No Flask, no database, no clock.

`splitting` cuts texts into pieces, and `matching` pairs equal pieces of two texts, for `merging` and `differences`.
"""
