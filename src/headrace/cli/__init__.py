"""The command line: one door; it is handed ready-made objects and holds no rules of its own."""

from headrace.cli.app import main

__all__ = ["main"]
