"""Pure text work: merging two changes of one text. No Flask, no database, no clock.

`splitting` cuts texts into sentences, `matching` pairs those that two texts share, `merging` decides.
"""
