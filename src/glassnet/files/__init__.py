"""Model files: safetensors and JSON, data and never code."""

from glassnet.files.saving import load, save

__all__ = ["load", "save"]
