"""Why a build failed: kinds of causes by where they come from, and the search for them in a log."""
