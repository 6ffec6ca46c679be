"""Requests from the stream: admitted, extracted, linked, settled, each in exactly one way."""
