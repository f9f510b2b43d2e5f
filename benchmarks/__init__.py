"""What is fast and how good: each folder is a command that prints a table. Figures are ratios measured in one run."""
