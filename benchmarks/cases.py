"""What is measured: the rows, the work of each, who takes part, and the bars."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["ALL", "ROWS", "Bar", "Case"]

ALL = "all"  # as many threads as the process may use cores
GLASSNET, PREDICTOR = "glassnet", "glassnet predictor"
ON_NUMPY, ON_NUMBA = "glassnet on NumPy", "glassnet on Numba"
NUMPY, SKLEARN, JOBLIB = "plain NumPy", "scikit-learn", "scikit-learn, joblib"
TORCH, COMPILED = "PyTorch", "PyTorch compiled"
JAX, OPTAX, VMAP, ONNX = "JAX", "JAX, optax", "JAX vmap", "ONNX Runtime"
PRODUCTS, OPERATIONS, PROCESS = "bare products", "bare operations", "bare process"
LIMITS = PRODUCTS, OPERATIONS, PROCESS

TRAINERS = (GLASSNET, NUMPY, SKLEARN, TORCH, COMPILED, JAX, OPTAX)
PREDICTORS = (SKLEARN, TORCH, COMPILED, ONNX)


@dataclass(frozen=True)
class Bar:
    """How many times our time a peer's is expected to be, at least.

    Attributes
    ----------
    peers : tuple of str
        Each of them must reach it.
    ratio : float
        Their time divided by ours.
    words : str
        How the table says it; by default the number.
    ours : str
        Whom of ours it is for; everyone, by default.
    slack : float, optional
        Instead of the ratio: how many seconds ours may take longer.
    """

    peers: tuple[str, ...]
    ratio: float
    words: str = ""
    ours: str = ""
    slack: float | None = None

    def __str__(self) -> str:
        return self.words or f"≥ {self.ratio:g}"


def at_most(times: float, peer: str) -> Bar:
    """Return the bar for a limit: our time may be so many times its."""
    return Bar((peer,), 1 / times, f"ours ≤ {times:g} × it")


@dataclass(frozen=True)
class Case:
    """One piece of work, the same for everyone who takes part.

    Attributes
    ----------
    name : str
    kind : {"train", "perceptron", "many", "predict", "start"}
        The function of a peer's module that does it; "start" trains in fresh processes.
    data : str
        Function of `benchmarks.data` that makes the samples.
    rows : int
    sizes : tuple of int
        Features, units of each hidden layer, outputs.
    activation, loss, optimizer : str
        By glassnet's names.
    rate : float
    epochs : int
    batch : int
        Samples per step; `rows` for full batches.
    nets : int
        Networks trained side by side.
    dtype : str
    calls : int
        Calls in one timing, of work that is too short to be timed alone.
    peers, bars
        Who takes part, and what is expected.
    ours : tuple of str
        Who among `peers` is compared with the others.
    threads : tuple
        Numbers of threads with which it is measured.
    """

    name: str
    kind: str
    data: str
    rows: int
    sizes: tuple[int, ...]
    activation: str = "relu"
    loss: str = "categorical_cross_entropy"
    optimizer: str = "adam"
    rate: float = 0.001
    epochs: int = 1
    batch: int = 0
    nets: int = 1
    dtype: str = "float32"
    calls: int = 1
    peers: tuple[str, ...] = TRAINERS
    bars: tuple[Bar, ...] = ()
    ours: tuple[str, ...] = (GLASSNET,)
    threads: tuple[int | str, ...] = (1, ALL)

    @property
    def size(self) -> int:
        """Samples per step."""
        return self.batch or self.rows

    @property
    def steps(self) -> int:
        """Updates in one training."""
        return self.epochs * -(-self.rows // self.size)

    @property
    def work(self) -> str:
        """What is done, in words."""
        shape = "-".join(map(str, self.sizes))
        if self.kind == "perceptron":
            return f"{self.rows:,} × {self.sizes[0]}, {self.epochs} passes, {self.dtype}"
        if self.kind == "start":
            return f"a fresh process imports, trains {shape} for {self.steps:,} steps, ends"
        if self.kind == "predict":
            rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
            return f"{shape} {self.activation}, {rows}, {self.dtype}"
        batch = f"batch {self.batch}" if self.batch else "full batch"
        nets = f"{self.nets} nets of " if self.nets > 1 else ""
        return (
            f"{nets}{shape} {self.activation}, {self.rows:,} rows, {batch}, "
            f"{self.optimizer}, {self.steps:,} steps, {self.dtype}"
        )


def _best_of_torch(ratio: float) -> Bar:
    return Bar((TORCH, COMPILED), ratio, f"≥ {ratio:g} (best of PyTorch)")


def _best_of_jax(ratio: float) -> Bar:
    return Bar((JAX, OPTAX), ratio, f"≥ {ratio:g} (best of JAX)")


def _best(*peers: str) -> Bar:
    return Bar(peers, 1.0, "≥ 1 (level with the best)")


NOTEBOOK = Case(
    "notebook",
    "train",
    "moons",
    200,
    (2, 10, 5, 1),
    "sigmoid",
    "squared_error",
    "sgd",
    0.5,
    epochs=1000,
    dtype="float64",
    peers=(*TRAINERS, OPERATIONS),
    bars=(
        Bar((NUMPY,), 15),
        Bar((SKLEARN,), 40),
        Bar((TORCH, COMPILED), 40),
        _best_of_jax(2),
    ),
)
SMALL = Case(
    "small",
    "train",
    "matrix_exponentials",
    10_000,
    (4, 32, 16, 4),
    "tanh",
    "squared_error",
    epochs=100,
    peers=(*TRAINERS, OPERATIONS),
    bars=(Bar((SKLEARN,), 4), _best_of_torch(2), _best_of_jax(1.5)),
)
TABLE = Case(
    "table",
    "train",
    "table",
    20_000,
    (54, 100, 7),
    epochs=5,
    batch=200,
    peers=(*TRAINERS, PRODUCTS),
    bars=(Bar((SKLEARN,), 4), _best_of_torch(3), _best_of_jax(1.5)),
)
MNIST = Case(
    "mnist",
    "train",
    "images",
    60_000,
    (784, 256, 128, 10),
    batch=128,
    peers=(*TRAINERS, PRODUCTS),
    bars=(
        Bar((SKLEARN,), 2.5),
        _best_of_torch(1.5),
        _best_of_jax(1.2),
        at_most(1.25, PRODUCTS),
    ),
)
WIDE = Case(
    "wide",
    "train",
    "gaussians",
    8 * 1024,
    (1024, 1024, 1024, 10),
    batch=1024,
    peers=(*TRAINERS, PRODUCTS),
    bars=(_best(NUMPY, SKLEARN, TORCH, COMPILED, JAX, OPTAX), at_most(1.08, PRODUCTS)),
)
PERCEPTRON = Case(
    "perceptron",
    "perceptron",
    "two_clouds",
    20_000,
    (50, 1),
    "step",
    "perceptron",
    "rosenblatt",
    0.01,
    epochs=20,
    dtype="float64",
    peers=(GLASSNET, NUMPY, SKLEARN, PRODUCTS),
    bars=(Bar((NUMPY,), 100), Bar((SKLEARN,), 1)),
    threads=(1,),
)
MANY = (
    replace(
        NOTEBOOK,
        name="many: notebook's shape",
        kind="many",
        epochs=100,
        nets=64,
        peers=(GLASSNET, JOBLIB, VMAP, OPERATIONS),
        bars=(Bar((JOBLIB,), 50), Bar((VMAP,), 1.5)),
    ),
    Case(
        "many: 20-32-32-2",
        "many",
        "two_numbers",
        2_000,
        (20, 32, 32, 2),
        loss="squared_error",
        epochs=5,
        batch=200,
        nets=64,
        peers=(GLASSNET, JOBLIB, VMAP, OPERATIONS),
        bars=(Bar((JOBLIB,), 50), Bar((VMAP,), 1.5)),
    ),
)


def _predict(net: Case, rows: int, calls: int) -> Case:
    """Return the prediction of some rows by another case's network."""
    if rows == 1:
        bars = Bar((SKLEARN,), 20), Bar((ONNX,), 1, "≥ 1 (level)")
        return replace(
            net,
            name=f"predict: one row, {net.name}'s net",
            kind="predict",
            rows=1,
            calls=calls,
            peers=(GLASSNET, PREDICTOR, SKLEARN, TORCH, ONNX, PRODUCTS),
            ours=(GLASSNET, PREDICTOR),
            bars=bars,
            threads=(1,),
        )
    return replace(
        net,
        name=f"predict: {rows:,} rows, {net.name}'s net",
        kind="predict",
        rows=rows,
        calls=calls,
        peers=(GLASSNET, PREDICTOR, *PREDICTORS, PRODUCTS),
        ours=(GLASSNET, PREDICTOR),
        bars=(_best(*PREDICTORS),),
    )


PREDICT = (
    _predict(NOTEBOOK, 1, 2000),
    _predict(MNIST, 1, 1000),
    _predict(NOTEBOOK, 10_000, 100),
    _predict(MNIST, 10_000, 2),
)

START = replace(
    NOTEBOOK,
    name="start",
    kind="start",
    peers=(GLASSNET, ON_NUMPY, NUMPY, SKLEARN, TORCH, JAX, PROCESS),
    ours=(GLASSNET, ON_NUMPY),
    bars=(
        Bar((SKLEARN, TORCH, JAX), 1, "≥ 1 (faster than every framework)", GLASSNET),
        Bar((NUMPY,), 0, "≤ +0.2s", ON_NUMPY, slack=0.2),
    ),
    threads=(ALL,),
)

ROWS: dict[str, tuple[Case, ...]] = {
    "notebook": (NOTEBOOK,),
    "small": (SMALL,),
    "table": (TABLE,),
    "mnist": (MNIST,),
    "wide": (WIDE,),
    "perceptron": (PERCEPTRON,),
    "many": MANY,
    "predict": PREDICT,
    "start": (START,),
}
