"""The names of the roles, the highest first. docs/reference/roles.md lists what each may do; a test compares it."""

ADMINISTRATOR = "administrator"
EDITOR = "editor"
AUTHOR = "author"
READER = "reader"

RANKED = (ADMINISTRATOR, EDITOR, AUTHOR, READER)
