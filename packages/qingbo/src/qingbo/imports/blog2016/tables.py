"""The tables of the blog of 2016, as far as they are read."""

from sqlalchemy import column, table

USERS = table("users", column("id"), column("username"), column("password"))
ROLES = table("roles", column("id"), column("name"))
USERS_ROLES = table("users_roles", column("user_id"), column("role_id"))
POSTS = table("posts", column("id"), column("title"), column("text"), column("publish_date"), column("user_id"))
COMMENTS = table("comments", column("id"), column("name"), column("text"), column("date"), column("post_id"))
TAGS = table("tags", column("id"), column("name"))
POSTS_TAGS = table("posts_tags", column("post_id"), column("tag_id"))
REMINDERS = table("reminders", column("id"), column("date"), column("email"), column("text"))

REQUIRED = ("users", "roles", "users_roles", "posts", "comments", "tags", "posts_tags")
"""Those of the first revision. `browse_volumes` has a number that was never counted, so it is not read."""
