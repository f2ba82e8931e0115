"""How the names of a trace are set: ``delta_z0[1]`` is a delta with marks above and below."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glassnet.insight.lines.expressions import Name

__all__ = ["Symbol", "symbol"]

# What stands for a name, or for the part of it before what it belongs to.
_LETTERS = {
    "alpha": "α",
    "delta": "δ",
    "epsilon": "ε",
    "learning_rate": "η",
    "mean": "μ",
    "momentum": "μ",
    "momentum_decay": "ψ",
    "momentum_product": "Π",
    "mu": "μ",
    "rho": "ρ",
    "variance": "σ²",
    "weight_decay": "λ",
}
_WHOLE = {"running_mean", "running_variance"}  # no mean *of* anything before the underscore
_MARKED = {
    "beta1": ("β", "1"),
    "beta2": ("β", "2"),
    "mu_next": ("μ", "next"),
    "rho_inf": ("ρ", "∞"),
}
_HATS = {"m_hat": "m", "v_hat": "v", "normal": "z"}


@dataclass(frozen=True)
class Symbol:
    """A name taken apart.

    Attributes
    ----------
    letter : str
        One letter, or a word.
    hat : bool
        Whether it has a hat.
    below : tuple of str
        What it belongs to, and its places.
    layer : str
        Number of the layer, or empty.
    """

    letter: str
    hat: bool
    below: tuple[str, ...]
    layer: str


def symbol(of: Name) -> Symbol:
    """Return a name taken apart.

    Examples
    --------
    >>> symbol(Name("delta_z0", (1,)))
    Symbol(letter='δ', hat=False, below=('z', '1'), layer='0')
    >>> symbol(Name("beta1"))
    Symbol(letter='β', hat=False, below=('1',), layer='')
    """
    places = tuple(map(str, of.index))
    if of.name in _MARKED:
        letter, mark = _MARKED[of.name]
        return Symbol(letter, False, (mark,), "")
    if of.name in _LETTERS:
        return Symbol(_LETTERS[of.name], False, places, "")
    found = re.fullmatch(r"(.*?)(\d+)", of.name)
    stem, layer = (found[1], found[2]) if found else (of.name, "")
    owner = ""
    if found and "_" in stem and stem not in _WHOLE:
        stem, _, owner = stem.rpartition("_")
    letter = _HATS.get(stem) or _LETTERS.get(stem) or stem.replace("_", " ")
    return Symbol(letter, stem in _HATS, (owner, *places) if owner else places, layer)
