"""Who computes. The NumPy engine is the reference that every other is held to."""
