"""What we ship: packages, their specs and patches, and the distribution that they form."""
