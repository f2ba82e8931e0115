"""Run the paired script of each notebook and write it, with its outputs, as .ipynb.

    python notebooks/render.py

The script beside it (py:percent) is the source; the .ipynb is what a code host shows. It
carries nothing of the machine that made it: no path, no time stamp, no version.
"""

from __future__ import annotations

import os
import re
import tempfile
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent
METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read(script: Path) -> Any:
    """Return the notebook that `script` describes, without outputs.

    Cells are numbered, so that the same script always gives the same file.
    """
    notebook = jupytext.read(script)
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = nbformat.from_dict({})
    return notebook


def execute(notebook: Any, folder: Path | str, timeout: float = 300) -> Any:
    """Run every cell in a fresh kernel that works in `folder`; fill in the outputs in place.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails; the message shows it.
    """
    # Whatever backend the caller draws with: a notebook shows its pictures.
    shown = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    NotebookClient(
        notebook,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        timeout=timeout,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    ).execute(env=os.environ | shown)
    forget_compiling(notebook)
    notebook.metadata = nbformat.from_dict(METADATA)  # the kernel adds its own version
    nbformat.validate(notebook)
    return notebook


def forget_compiling(notebook: Any) -> None:
    """Take out, in place, the line of whoever compiles: a machine sees it once."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output.text = re.sub(r"\r?glassnet: compiling once .*\n?", "", output.text)
        if "outputs" in cell:
            cell.outputs = [one for one in cell.outputs if one.get("text") != ""]


def shrink_pictures(notebook: Any) -> None:
    """Give every PNG a palette of 256 colours, in place: a third of the size."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                picture = Image.open(BytesIO(b64decode(output.data["image/png"])))
                small = BytesIO()
                with_palette(picture.convert("RGB")).save(small, "PNG", optimize=True)
                output.data["image/png"] = b64encode(small.getvalue()).decode("ascii")


def with_palette(picture: Image.Image) -> Image.Image:
    """Return an RGB picture in the 256 colours that suit it, each pixel in the nearest."""
    # The median cut keeps shades smooth; maximum coverage keeps colours of few pixels.
    methods = {Image.Quantize.MEDIANCUT: 192, Image.Quantize.MAXCOVERAGE: 64}
    palettes = (
        picture.quantize(n, method).getpalette()[: 3 * n] for method, n in methods.items()
    )
    palette = np.concatenate([np.reshape(colours, (-1, 3)) for colours in palettes])
    pixels = np.asarray(picture).reshape(-1, 3).astype(int)
    colours, place = np.unique(pixels, axis=0, return_inverse=True)
    nearest = np.argmin(np.sum((colours[:, None] - palette) ** 2, axis=2), axis=1)
    small = Image.fromarray(nearest[place].astype(np.uint8).reshape(picture.size[::-1]))
    small.putpalette(palette.astype(np.uint8).ravel().tolist())
    return small


def main() -> None:
    """Render every notebook of this folder."""
    for script in sorted(HERE.glob("*.py")):
        if script.name == Path(__file__).name:
            continue
        target = script.with_suffix(".ipynb")
        with tempfile.TemporaryDirectory() as folder:
            notebook = execute(read(script), folder)
        shrink_pictures(notebook)
        nbformat.write(notebook, target)
        print(f"{target.name}: {target.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    main()
