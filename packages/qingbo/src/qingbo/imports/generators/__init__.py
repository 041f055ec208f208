"""The rules of the programs that make sites of Markdown files: what they publish, as what, and at which address.

`recognition.recognised` finds out which one a folder belongs to. Only `recognition` and `config_files` read files.
"""
