"""What we know of a change: builds, findings, and the gate that judges them."""
