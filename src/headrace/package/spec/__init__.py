"""Specs, read without rpm and edited without disturbing what need not change; nothing in a spec is ever run."""
