"""Measurements: each compares us, or what we stand on, with a peer in one run and prints the ratio."""
