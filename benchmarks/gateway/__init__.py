"""How close the gateway comes to the fewest requests and the shortest wait that the free tier's rules allow."""
