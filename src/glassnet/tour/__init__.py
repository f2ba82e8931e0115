"""The guided tour: everything the classic notebook teaches, run and measured."""

from glassnet.tour.run import tour

__all__ = ["tour"]
