"""The command line: ``glassnet tour``, ``glassnet info``, ``glassnet --version``."""

from __future__ import annotations

import platform
import webbrowser
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


@app.command()
def info() -> None:
    """Print versions and engines."""
    print(f"glassnet      {glassnet.__version__}")
    print(f"Python        {platform.python_version()}")
    for package in ("numpy", "scipy", "scikit-learn", "matplotlib"):
        print(f"{package:13} {_version(package)}")
    print("engines       numpy (reference)")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def main() -> None:
    """Run the command line."""
    app()
