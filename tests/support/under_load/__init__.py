"""Tables that are moved while programs write into them, and accounts by which a lost or doubled row shows.

The procedure is that of Vitess' stress tests, with an account of each row: `tables` makes the rows that are there
before, `kinds` has the operations, `writing` the programs, `accounts` what these know to be committed, and what must
then be in the database. Test and benchmark use the same.
"""
