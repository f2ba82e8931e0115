"""The mathematics: plain NumPy functions, one per formula, and nothing else."""
