"""Headrace keeps an RPM distribution alive: upstream -> package -> change -> evidence -> release."""

__version__ = "0.1.0"
