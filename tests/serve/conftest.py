"""Fixtures of these tests; what they share beside is in `served`."""

from served import ledger, made, server

__all__ = ["ledger", "made", "server"]
