"""What the pages share: words, the frame around every page, cards, and following a run."""
