"""Callboard: a self-hosted waiting-room server."""

__version__ = "0.1.0"
