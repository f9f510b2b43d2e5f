"""What a digest costs."""
