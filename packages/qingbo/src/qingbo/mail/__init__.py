"""Mail: written to the outbox in the transaction of the change, sent afterwards by a thread of the server."""
