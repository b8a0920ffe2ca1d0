"""The command line: options in, workflow called, paths and next step out, errors → exit codes.

No logic here, and nothing heavy imported before a command runs.
"""

from __future__ import annotations

import re
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from diagpacte import __version__
from diagpacte.errors import DiagpacteError, Fault, UsageError, system_refusal

if TYPE_CHECKING:
    from diagpacte.workflow import Done, Said

INTERRUPTED = 130
WIDTH = 96  # characters of a line, when no terminal says otherwise
WORDS = {  # what Typer writes itself on a help screen
    "Usage:": "Usage :",
    "Options:": "Options :",
    "Arguments:": "Arguments :",
    "Commands:": "Commandes :",
    "COMMAND [ARGS]...": "COMMANDE [ARGUMENTS]...",
    "Show this message and exit.": "Afficher cette aide.",
    "[default: ": "[par défaut : ",
    "[required]": "[obligatoire]",
}


def _in_french(text: str) -> str:
    for theirs, ours in WORDS.items():
        text = text.replace(theirs, ours)
    return re.sub(r" <[^<>]+>", "", text)


class FrenchCommand(TyperCommand):
    """A command whose help is French throughout."""

    def get_help(self, ctx: Any) -> str:
        return _in_french(super().get_help(ctx))


class FrenchGroup(TyperGroup):
    """The list of commands, in French throughout."""

    def get_help(self, ctx: Any) -> str:
        return _in_french(super().get_help(ctx))


app = typer.Typer(
    name="diagpacte",
    cls=FrenchGroup,
    help="Du panorama de la pauvreté et des exports de l’offre au diagnostic d’un pacte local des solidarités.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

TerritoryArgument = Annotated[
    str, typer.Argument(metavar="TERRITOIRE", help="38, 2A, 69M, 20R, 200093201… ; par défaut celui de diagpacte.toml.")
]

FormatOption = Annotated[str, typer.Option("--format", metavar="text|json", help="Pour une personne ou un programme.")]
DiffusionOption = Annotated[
    str,
    typer.Option("--diffusion", metavar="travail|comite|public", help="Pour qui ; par défaut celle de diagpacte.toml."),
]


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"diagpacte {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("-C", metavar="DOSSIER", help="L’espace de travail.")] = Path(),
    version: Annotated[  # noqa: ARG001  (its callback has spoken)
        bool, typer.Option("--version", help="Dire la version.", is_eager=True, callback=_say_version)
    ] = False,
) -> None:
    context.obj = directory


def _say(done: Done) -> None:
    for note in done.notes:
        typer.echo(note, err=True)
    for path in done.paths:
        typer.echo(path)
    if done.next_step:
        typer.echo(f"étape suivante : {done.next_step}", err=True)


def _tell(said: Said) -> None:
    for note in said.notes:
        typer.echo(note, err=True)
    typer.echo(said.text)
    raise typer.Exit(said.exit_code)


@app.command(cls=FrenchCommand)
def init(
    directory: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Le dossier à créer.")],
    territory: Annotated[str, typer.Option(metavar="TERRITOIRE", help="38, 2A, 69M, 20R, 200093201…")],
    as_of: Annotated[str, typer.Option(metavar="AAAA-MM-JJ", help="Date du diagnostic ; aujourd’hui par défaut.")] = "",
) -> None:
    """Préparer un espace de travail pour un territoire."""
    from diagpacte import workflow

    # The one clock: what it says is written in diagpacte.toml, and only read there afterwards.
    _say(workflow.init(directory, territory, as_of or date.today().isoformat()))  # noqa: DTZ011


@app.command(cls=FrenchCommand)
def add(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FICHIER...", help="Panoramas et exports de l’offre.")],
    nature: Annotated[str, typer.Option(metavar="NATURE", help="réelle, estimée ou simulée.")] = "",
    producteur: Annotated[str, typer.Option(metavar="NOM", help="Qui a produit le fichier.")] = "",
    licence: Annotated[str, typer.Option(metavar="NOM", help="Sous quelle licence.")] = "",
    millesime: Annotated[str, typer.Option(metavar="TEXTE", help="Millésime, tel qu’il faut l’imprimer.")] = "",
) -> None:
    """Ajouter des fichiers reçus, les reconnaître et noter leur empreinte."""
    from diagpacte import workflow

    _say(workflow.add(context.obj, files, nature=nature, producer=producteur, licence=licence, vintage=millesime))


@app.command(cls=FrenchCommand)
def validate(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FICHIER...", help="Fichiers reçus, où qu’ils soient.")],
    annotate: Annotated[
        Path | None, typer.Option(metavar="DOSSIER", help="Y écrire une copie annotée de chaque classeur fautif.")
    ] = None,
    form: FormatOption = "text",
) -> None:
    """Dire toutes les fautes des fichiers reçus, avec leur feuille et leur cellule."""
    from diagpacte import workflow

    width = shutil.get_terminal_size((WIDTH, 0)).columns
    _tell(workflow.validate(context.obj, files, annotate=annotate, form=form, width=width))


@app.command(cls=FrenchCommand)
def ingest(
    context: typer.Context,
    strict: Annotated[bool, typer.Option("--strict", help="Refuser aussi ce qui est à vérifier.")] = False,
) -> None:
    """Lire et contrôler les fichiers reçus."""
    from diagpacte import workflow

    _say(workflow.ingest(context.obj, strict=strict))


@app.command(cls=FrenchCommand)
def cross(context: typer.Context, territory: TerritoryArgument = "") -> None:
    """Croiser les besoins et l’offre d’un territoire."""
    from diagpacte import workflow

    _say(workflow.cross(context.obj, territory))


@app.command("map", cls=FrenchCommand)
def map_command(
    context: typer.Context,
    territory: TerritoryArgument = "",
    theme: Annotated[list[str], typer.Option(metavar="THÈME", help="A2.eloignes_emploi… ; répétable.")] = [],  # noqa: B006
    diffusion: DiffusionOption = "",
) -> None:
    """Dessiner les cartes, une par thème."""
    from diagpacte import workflow

    _say(workflow.map_themes(context.obj, territory, tuple(theme), diffusion=diffusion))


@app.command(cls=FrenchCommand)
def table(context: typer.Context, territory: TerritoryArgument = "", diffusion: DiffusionOption = "") -> None:
    """Écrire le classeur du diagnostic."""
    from diagpacte import workflow

    _say(workflow.table(context.obj, territory, diffusion=diffusion))


@app.command(cls=FrenchCommand)
def saisie(
    context: typer.Context,
    merge: Annotated[
        Path | None, typer.Option("--merge", metavar="FICHIER", help="La copie qu’un collègue a remplie.")
    ] = None,
) -> None:
    """Mettre à jour le classeur de saisie, sans rien perdre de ce qui y est écrit."""
    from diagpacte import workflow

    _say(workflow.saisie(context.obj, merge))


@app.command(cls=FrenchCommand)
def run(
    context: typer.Context,
    territories: Annotated[
        list[str], typer.Argument(metavar="TERRITOIRE...", help="Par défaut celui de diagpacte.toml.")
    ] = [],  # noqa: B006
    diffusion: DiffusionOption = "",
) -> None:
    """Faire tout ce qui n’est pas à jour."""
    from diagpacte import workflow

    _say(workflow.run(context.obj, tuple(territories), diffusion=diffusion))


@app.command(cls=FrenchCommand)
def trace(
    context: typer.Context,
    figure: Annotated[str, typer.Argument(metavar="IDENTIFIANT", help="Celui d’un chiffre, entre guillemets.")],
    form: FormatOption = "text",
) -> None:
    """Remonter d’un chiffre au fichier, à la feuille et à la cellule d’où il vient."""
    from diagpacte import workflow

    _tell(workflow.trace(context.obj, figure, form=form))


@app.command(cls=FrenchCommand)
def demo(
    directory: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Où la créer.")] = Path("demonstration"),
) -> None:
    """Créer l’espace de démonstration (valeurs simulées) et le mener au bout."""
    from diagpacte import workflow

    _say(workflow.demo(directory))


def _usage_error(error: Exception) -> UsageError:
    """What Typer found wrong in the words typed, said in French."""
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    quoted = re.search(r"'([^']+)'", str(error))
    if kind == "MissingParameter" and parameter is not None:
        found = f"il manque {str(parameter.metavar or parameter.name).rstrip('.')}"
    elif kind in ("NoSuchOption", "BadOptionUsage"):
        found = f"option inconnue ou incomplète « {getattr(error, 'option_name', '')} »"
    else:
        found = f"mot incompris « {quoted[1]} »" if quoted else "mots incompris"
    return UsageError(Fault("diagpacte", found=found, remedy="voir « diagpacte --help »"))


def main() -> None:
    """Run the application; an error becomes its message, in French, and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = app(standalone_mode=False)
    except DiagpacteError as error:
        told = error
    except OSError as error:
        told = system_refusal(error)
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's own errors alone have it
            raise
        told = _usage_error(error)
    else:
        if code == INTERRUPTED:
            typer.echo("Interrompu. Relancer la même commande reprend là où il faut.", err=True)
        sys.exit(code or 0)
    typer.echo(str(told), err=True)
    sys.exit(told.exit_code)


if __name__ == "__main__":
    main()
