"""The review checks; each module is a pure function from a case to findings."""
