"""Where signing keys are kept."""
