"""The shell: one file per job, each loads, decides, acts and saves."""
