"""The ways to build a package; every one takes a `BuildOrder` and returns a `Build`."""
