"""What the outside announces: upstreams, the versions that they release, and which of them to take."""
