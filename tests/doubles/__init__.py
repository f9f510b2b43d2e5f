"""Stand-ins for what tests cannot reach. Each misbehaves as the real one does, on a real socket."""
