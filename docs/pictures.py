"""Draw the pictures of the README and the pages again: ``make pictures``."""

from pathlib import Path

from matplotlib.figure import Figure
from sklearn.datasets import make_moons

from glassnet import MLP, Perceptron, Recorder, landscapes, plots, trace
from glassnet.tour.ladder import accuracy, cured, notebook_network

HERE = Path(__file__).parent / "pictures"


def moons():
    """Draw the classic network beside the cured one, on the same moons."""
    X, y = make_moons(200, noise=0.1, random_state=42)
    figure = Figure(figsize=(10.8, 4.6), layout="constrained")
    left, right = figure.subfigures(1, 2)
    for part, net, name in (
        (left, notebook_network(X, y), "The classic settings"),
        (right, cured(X, y), "Cured"),
    ):
        title = f"{name}: {100 * accuracy(net, X, y):.1f} % right"
        plots.decision_boundary(net, X, y, ax=part, title=title, colorbar=False)
    figure.savefig(HERE / "moons.png", dpi=104, bbox_inches="tight", pad_inches=0.15)


def films():
    """Film a network that learns the moons, and a race."""
    X, y = make_moons(200, noise=0.15, random_state=0)
    recorder = Recorder(X, y)
    net = MLP([2, 16, 16, 1], "tanh", loss="binary_cross_entropy", seed=3)
    net.fit(X, y, optimizer="adam(0.01)", epochs=300, callbacks=[recorder])
    plots.film(recorder, path=HERE / "moons.gif", frames=80)
    plots.film("rosenbrock", "race", HERE / "race.gif", frames=80)


def networks():
    """Film a race of networks, and draw a path on the surface of its loss."""
    X, y = make_moons(200, noise=0.15, random_state=0)
    records = {}
    for name, rule in {
        "SGD": "sgd(0.5)",
        "Momentum": "momentum(0.1)",
        "Adam": "adam(0.02)",
    }.items():
        records[name] = Recorder(X, y)
        net = MLP([2, 16, 16, 1], "tanh", loss="binary_cross_entropy", seed=3)
        net.fit(X, y, optimizer=rule, epochs=200, callbacks=[records[name]])
    plots.film(records, "race", HERE / "networks.gif", frames=60)
    ground = landscapes.of_network(net, X, y, "path", path=records["Adam"])
    plots.landscape(ground, "surface").figure.savefig(HERE / "surface.png", dpi=100)


def perceptron():
    """Draw a step of a perceptron that has seen the moons once."""
    X, y = make_moons(200, noise=0.15, random_state=0)
    model = Perceptron(learning_rate=0.1).partial_fit(X, y, classes=[0, 1])
    plots.network(model, trace(model, X, y)).figure.savefig(HERE / "perceptron.png", dpi=100)


if __name__ == "__main__":
    moons()
    films()
    networks()
    perceptron()
