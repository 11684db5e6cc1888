"""The memory: one module per noun, on SQLite and PostgreSQL."""
