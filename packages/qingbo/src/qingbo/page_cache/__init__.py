"""Ready answers of public pages, given out before Flask is asked: never one of before a change, never a private one."""
