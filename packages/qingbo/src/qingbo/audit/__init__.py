"""What administrators and sign-ins did: who, when, what, from where. Written in the transaction of the deed."""
