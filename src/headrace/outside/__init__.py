"""Every byte in or out, each with a limit."""
