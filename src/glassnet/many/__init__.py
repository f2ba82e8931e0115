"""Training many networks at once."""

from glassnet.many.fits import fit_many

__all__ = ["fit_many"]
