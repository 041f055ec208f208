"""Mail: written into the outbox in the transaction of what it is about, sent by a thread of the server afterwards."""
