"""How long the command line takes to come up, against an empty Python."""
