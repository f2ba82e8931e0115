"""The report's words, explained where they first stand by a link to their entry."""

from __future__ import annotations

import html

__all__ = ["GLOSSARY", "glossary", "term"]

GLOSSARY: dict[str, str] = {
    "accuracy": "The share of right answers.",
    "activation function": "What a unit does to its weighted sum before it hands it on, such "
    "as tanh or the sigmoid. It bends what would be a straight line.",
    "AdamW": "Adam with one addition: each step also pulls every parameter a little towards 0.",
    "batch": "The samples behind one step. A full batch is all of them; a mini-batch a few.",
    "central differences": "A slope, measured: move a parameter a little up and a little down, "
    "and divide the change of the loss by the distance between the two.",
    "cosine schedule": "The learning rate follows half a cosine wave, from its full value at "
    "the start to 0 at the end.",
    "cross-entropy": "A loss for classes: minus the logarithm of the probability that the "
    "network gave to the right class. To be sure and wrong costs most.",
    "dropout": "In training, each hidden unit is left out of a step with a given probability, "
    "by chance, so that no unit relies on one other alone.",
    "epoch": "One pass over the training data.",
    "Glorot's rule": "The more units a layer connects, the smaller its first weights are "
    "drawn: signals then neither grow nor shrink from layer to layer.",
    "gradient": "The slopes of the loss, one per parameter. It points uphill; a step goes the "
    "other way. Its length is the root of the sum of its squares.",
    "held out": "Kept from training. Only such data tell whether what was learnt holds for "
    "new cases.",
    "hidden unit": "A unit between the inputs and the output. A 2-10-5-1 network has 2 inputs, "
    "10 hidden units, 5 more behind them, and 1 output.",
    "label smoothing": "The targets are moved a little towards all classes alike: with 0.1 and "
    "ten classes, 0.91 for the right one and 0.01 for each other. The network is not driven "
    "to be ever more sure.",
    "learning rate": "η, how far a step goes: η times the gradient.",
    "logistic regression": "One unit with a sigmoid: a straight line with probabilities on "
    "both sides.",
    "loss": "How wrong a network is, as one number. Training lowers it.",
    "mean squared error": "A loss: the mean of (answer − target)².",
    "parameter": "A weight or a bias: a number that training changes. θ stands for all of "
    "them.",
    "seed": "The number that fixes what is left to chance, such as the first weights. Several "
    "seeds show how much of a result is luck.",
    "sigmoid": "σ(z) = 1 / (1 + e⁻ᶻ), which squeezes any number in between 0 and 1.",
    "standard deviation": "The usual distance from the mean: the number after ±.",
}


def term(name: str, words: str | None = None) -> str:
    """Return `words`, by default the name itself, as a link to the glossary's entry `name`."""
    if name not in GLOSSARY:
        raise KeyError(name)
    shown = html.escape(name if words is None else words, quote=False)
    return f'<a class="term" href="#{_anchor(name)}">{shown}</a>'


def glossary() -> str:
    """Return the entries as a list in HTML, by the alphabet."""
    entries = sorted(GLOSSARY.items(), key=lambda entry: entry[0].lower())
    return "".join(
        f'<dt id="{_anchor(name)}">{html.escape(name, quote=False)}</dt>'
        f"<dd>{html.escape(text, quote=False)}</dd>"
        for name, text in entries
    )


def _anchor(name: str) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
    return f"word-{kept}"
