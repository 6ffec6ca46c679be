"""The queue in Redis: the stream of requests, those that wait for a retry, and the dead letters."""
