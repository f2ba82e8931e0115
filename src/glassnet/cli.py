"""The command line: ``glassnet tour``, ``diagnose``, ``info``, ``--version``."""

from __future__ import annotations

import platform
import sys
import webbrowser
from contextlib import redirect_stdout
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

import glassnet

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # its help gives every flag a "<bool>", as if it took a value
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"glassnet {glassnet.__version__}")
        raise typer.Exit()


@app.callback()
def start(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Neural networks you can see through."""


@app.command(short_help="Run the guided tour and write its report.")
def tour(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where to write the report.")
    ] = Path("glassnet_tour.html"),
    seeds: Annotated[
        int, typer.Option(min=2, max=50, help="Seeds behind each mean and spread.")
    ] = 5,
    open_report: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the report in the browser.")
    ] = False,
) -> None:
    """Run the guided tour and write its report: one HTML file with everything inside."""
    try:
        from glassnet.tour import run

        try:
            path = run.report_path(output)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--output") from error
        run.tour(path, seeds)
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        raise typer.Exit(130) from None
    if open_report:
        webbrowser.open(path.as_uri())


@app.command(short_help="Say why a network does not learn from a table.")
def diagnose(
    data: Annotated[Path, typer.Argument(help="CSV file whose first line names the columns.")],
    target: Annotated[str, typer.Option(help="Name of the column to predict.")],
    prove: Annotated[
        bool, typer.Option("--prove", help="Try each cure, and show what it does.")
    ] = False,
    model: Annotated[Path | None, typer.Option(help="Model that glassnet.save wrote.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print each step, on the error output.")
    ] = False,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Seed of the random numbers.")
    ] = 0,
) -> None:
    """Say what keeps a network from learning from a table, and what would help.

    The network is an MLPClassifier with its default settings (an MLPRegressor, if the target
    holds numbers that are no classes) or, with --model, one of your own.
    """
    from glassnet.insight.diagnosis.tables import are_classes, check_fit, read_table

    try:
        X, y, names = read_table(data, target)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    if model is None:
        kind = glassnet.MLPClassifier if are_classes(y) else glassnet.MLPRegressor
        examined = kind(random_state=seed)
    else:
        try:
            examined = glassnet.load(model)
            check_fit(examined, X, y, names)
        except (OSError, ValueError) as error:
            raise typer.BadParameter(str(error), param_hint="--model") from error
    with redirect_stdout(sys.stderr):  # its steps; the report alone goes to the output
        report = glassnet.diagnose(
            examined, X, y, prove=prove, verbose=verbose, seed=seed, feature_names=names
        )
    print(report.to_json() if as_json else report)


@app.command()
def info(
    compile_ahead: Annotated[
        bool, typer.Option("--compile", help="Compile ahead what ordinary fits need.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="With --compile: for every formula there is.")
    ] = False,
) -> None:
    """Print versions and engines."""
    if everything and not compile_ahead:
        raise typer.BadParameter("goes with --compile", param_hint="--all")
    print(f"glassnet      {glassnet.__version__}")
    print(f"Python        {platform.python_version()}")
    for package in ("numpy", "scipy", "scikit-learn", "matplotlib"):
        print(f"{package:13} {_version(package)}")
    if compile_ahead:
        _compile(everything)
    _print_engines()


def _compile(everything: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from glassnet.engines import ahead, installed

    if not installed.facts().numba:
        typer.echo("There is nothing to compile: numba is not installed.", err=True)
        raise typer.Exit(1)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("compiling", total=None)
        done = ahead.compile_ahead(
            ahead.fits(everything),
            lambda done, total: bar.update(task, completed=done, total=total),
        )
    print(f"compiled      {done.kernels} kernels in {done.seconds:.1f} s")


def _print_engines() -> None:
    from glassnet.engines import installed

    found = installed.facts()
    print("engines       numpy (reference)")
    if not found.numba:
        print("              numba is not installed: all runs on the numpy engine")
        return
    print(f"              numba {found.numba} (compiled)")
    print("not compiled  activations, losses and optimizers of your own")
    print(f"kernels       {found.kernels} kept on disk, {found.size / 1e6:.1f} MB")
    for place in found.places:
        print(f"              {place}")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
