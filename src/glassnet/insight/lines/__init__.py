"""The lines of a trace: formulas with their symbols and numbers, and how they look."""
