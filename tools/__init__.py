"""What agents call. Each folder is usable alone from a script; nothing here knows of agents or faces."""
