"""The places where upstreams announce versions; each module holds two pure functions, `ask` and `read`."""
