"""Who may sign what with which key, and the formats of signatures."""
