"""The command line: one door; it is handed ready-made objects and holds no rules of its own."""


def main() -> None:
    """Run the command line; see `headrace.cli.app`."""
    from headrace.cli.app import main as run

    run()
