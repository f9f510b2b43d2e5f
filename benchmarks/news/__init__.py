"""How well a page becomes a story, measured on public corpora that stay outside the repository."""
