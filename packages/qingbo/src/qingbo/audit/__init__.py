"""Audit log of sign-ins and administration: who, when, what, from where. Written in the transaction of the action."""
