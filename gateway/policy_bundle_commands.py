"""`ler-gateway policy bundle …`: make a signing key, build, sign and verify bundles of policies."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import policies
from gateway import policy_bundle, policy_reports
from gateway.command import ConfigOption, Exit, JsonOption, load, print_json, usage
from gateway.policy_arguments import POLICY_FILES
from gateway.policy_bundle import BundleError
from policies.drafts import Drafts

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(help="Signed bundles of policies.", no_args_is_help=True)


@app.command("key")
def bundle_key(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key is to be.")]) -> None:
    """Make a key pair. The private key is written, for its owner alone; the configuration takes the public one."""
    private, public = policy_bundle.new_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        usage(f"{file}: {error.strerror}")
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        json.dump(private, stream)
    typer.echo("[policies]")
    typer.echo("bundle_keys = [{" + ", ".join(f'{name} = "{value}"' for name, value in public.items()) + "}]")


@app.command("build")
def bundle_build(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER")],
    *,
    name: Annotated[str, typer.Option("--id", help="The bundle's id, such as us-al.")],
    revision: Annotated[int, typer.Option(min=1, help="Higher than that of any before.")],
    out: Annotated[Path | None, typer.Option(help="The archive; by default ID.zip.")] = None,
) -> None:
    """Put the policies of a folder, and the facts of their tests, into an archive that is still to be signed."""
    if not folder.is_dir():
        usage(f"{folder}: is no folder")
    found = policies.lint([folder])
    for finding in found:
        typer.echo(str(finding))
    if found:
        raise typer.Exit(Exit.NO)
    files = {file.relative_to(folder).as_posix(): _read(file) for file in _to_publish(folder)}
    with _bundle_errors():
        made = policy_bundle.built(name, revision, files)
        _write(out or Path(f"{name}{policy_bundle.SUFFIX}"), policy_bundle.packed(made))
    typer.echo(f"{name} revision {revision}: {len(files)} files, to be signed")


@app.command("sign")
def bundle_sign(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE")],
    *,
    key: Annotated[Path, typer.Option(metavar="FILE", help="The private key, as `bundle key` has made it.")],
) -> None:
    """Sign what `build` has made, in place."""
    with _bundle_errors():
        made = policy_bundle.unsigned(_read(archive))
        _write(archive, policy_bundle.packed(made, policy_bundle.signed(made, _jwk(key))))
    typer.echo(f"{made.id} revision {made.revision}: signed, {made.digest}")


@app.command("verify")
def bundle_verify(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE")],
    *,
    key: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Public key; by default those of the configuration.")
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Check a bundle's signature and files, and that there is nothing wrong in its policies."""
    keys = [_jwk(each) for each in key] if key else load(config, {}).policies.bundle_keys
    with _bundle_errors():
        found = policy_bundle.opened(_read(archive), keys)
    files = {name: content for name, content in found.files.items() if name.endswith(POLICY_FILES)}
    wrong = Drafts.of(files, policies.PolicySet.load().documents()).findings
    if as_json:
        stated = {
            "id": found.id,
            "revision": found.revision,
            "issued": found.issued.isoformat(),
            "digest": found.digest,
        }
        print_json({**stated, "files": sorted(found.files), "findings": policy_reports.findings(wrong)})
    else:
        typer.echo(f"{found.id} revision {found.revision}: {len(found.files)} files, {found.digest}")
        for finding in wrong:
            typer.echo(str(finding))
    raise typer.Exit(Exit.NO if wrong else Exit.YES)


def _to_publish(folder: Path) -> Iterator[Path]:
    """Yield the policies and facts in a folder; what a link would bring in from elsewhere is not for everybody."""
    home = folder.resolve()
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.suffix not in (*POLICY_FILES, ".json") or any(part[0] == "." for part in inside.parts):
            continue
        if not file.resolve().is_relative_to(home):
            usage(f"{file}: leads out of the folder")
        if file.is_file():
            yield file


@contextmanager
def _bundle_errors() -> Iterator[None]:
    """Tell what is wrong with a bundle."""
    try:
        yield
    except BundleError as error:
        typer.echo(f"ler-gateway: {error}", err=True)
        raise typer.Exit(Exit.NO) from None


def _jwk(path: Path) -> dict[str, Any]:
    try:
        key = json.loads(_read(path))
    except ValueError:
        key = None
    if not isinstance(key, dict):
        usage(f"{path}: is no JWK")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        usage(f"{path}: {error.strerror}")


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        usage(f"{path}: {error.strerror}")
