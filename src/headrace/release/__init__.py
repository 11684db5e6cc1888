"""What goes out: signed repositories of accepted packages."""
