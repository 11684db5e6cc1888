"""What differs between two sets of packages: one module per kind of fact, each pure over recorded headers."""
