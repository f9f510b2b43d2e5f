"""How close a comparison comes to the least time it could take, how late its page is, and what it holds in memory."""
