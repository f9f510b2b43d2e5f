"""What pictures cost: our pipeline beside a bare call of diffusers, many at once beside one by one, the house artist, packs."""
