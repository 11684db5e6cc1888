"""The formats of signatures, each with its verifier."""
