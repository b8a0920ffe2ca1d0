"""Whether each source is public: what a person said, else what its banner and its licence say."""

from __future__ import annotations

from diagpacte.disclosure.rules import DisclosureRules
from diagpacte.errors import Fault, FaultKind, Severity
from diagpacte.tables import Faults, Sources

PUBLIC, RESTRICTED, UNKNOWN = "publique", "restreinte", "à renseigner"
BANNER_REMEDY = "demander au producteur ce qui peut être diffusé"  # of the fault that quotes a restrictive banner
MANIFEST = "sources.toml"


def settled(sources: Sources, faults: Faults, rules: DisclosureRules) -> Sources:
    """`sources`, their diffusion decided; it stays « à renseigner » where nothing tells, which is never public.

    What a person wrote wins; then a banner that restricts the file, told in `faults`; then an open licence.
    """
    restricted = set(faults.loc[faults["remedy"].eq(BANNER_REMEDY), "file"])
    open_licences = {_plain(licence) for licence in rules.open_licences}
    silent = sources["diffusion"].eq(UNKNOWN)
    opened = sources["licence"].map(_plain).isin(open_licences)
    diffusion = sources["diffusion"].mask(silent & opened, PUBLIC)
    return Sources(sources.assign(diffusion=diffusion.mask(silent & sources["file"].isin(restricted), RESTRICTED)))


def to_say(sources: Sources) -> list[Fault]:
    """One fault for all the sources of which nobody knows whether they are public; `sources` are settled."""
    files = sorted(sources.loc[sources["diffusion"].eq(UNKNOWN), "file"])
    if not files:
        return []
    return [
        Fault(
            MANIFEST,
            found=f"diffusion à renseigner : {', '.join(files)}",
            expected="publique ou restreinte, ou une licence ouverte",
            remedy="écrire diffusion = \"publique\" ou diffusion = \"restreinte\" sous le nom du fichier, dans "
            f"data/raw/{MANIFEST} ; d’ici là, rien de ce fichier n’entre dans une version publique",
            severity=Severity.CHECK,
            kind=FaultKind.ORIGIN,
        )
    ]  # fmt: skip


def private(sources: Sources) -> frozenset[str]:
    """The source_id of those that are not public; `sources` are settled."""
    return frozenset(sources.loc[sources["diffusion"].ne(PUBLIC), "source_id"])


def _plain(licence: object) -> str:
    """A licence without what its writers differ in: case, spaces, a final stop."""
    return " ".join(str(licence).casefold().split()).rstrip(".")
