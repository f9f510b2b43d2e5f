"""Pictures: drawn by the house artist or diffused, cut into stickers, packed for the places that take them."""
