"""What we propose and why: plans, changes, and how they are applied to a package's repository."""
