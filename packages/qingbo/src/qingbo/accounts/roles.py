"""The names of the roles, the highest first. What each may do: docs/reference/roles.md, which a test holds."""

ADMINISTRATOR = "administrator"
EDITOR = "editor"
AUTHOR = "author"
READER = "reader"

RANKED = (ADMINISTRATOR, EDITOR, AUTHOR, READER)
