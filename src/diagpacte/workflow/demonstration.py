"""`demo`: a whole workspace on the packaged geography, with simulated files read like any others."""

from __future__ import annotations

import tempfile
from pathlib import Path

from diagpacte.settings import SETTINGS_FILE
from diagpacte.workflow.job import Done, Job
from diagpacte.workflow.places import resolve
from diagpacte.workflow.running import run
from diagpacte.workflow.scaffold import add, init
from diagpacte.workspace import Workspace, atomic_write

TERRITORY, AS_OF = "38", "2026-01-01"
PRODUCER, LICENCE = "diagpacte (simulation)", "Licence Ouverte 2.0"
FILES = ("panorama_simule.xlsx", "services-inclusion-2025-12.json", "structures-inclusion-2025-12.json")


def demo(directory: Path) -> Done:
    """Make the demonstration workspace in `directory` (or bring it up to date) and run it to the end."""
    space = Workspace(directory)
    if not (space.configs / SETTINGS_FILE).is_file():
        init(directory, TERRITORY, AS_OF)
    job = Job.open(directory)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in FILES]
        for path, data in zip(files, simulated_files(job), strict=True):
            atomic_write(path, data)
        add(directory, files, nature="simulée", producer=PRODUCER, licence=LICENCE)
    done = run(directory)
    home = job.space.outputs_of(resolve(job.settings.geography, TERRITORY))
    where = {"cartes": home / "cartes", "classeur": home / "tableaux" / "diagnostic.xlsx", "tables": space.processed}
    notes = [f"{what} : {path}" for what, path in where.items()]
    to_come = "à venir : rank, report, atlas, snapshot, compare"
    return done + Done(notes=(*notes, to_come), next_step=f"ouvrir {where['classeur']}")


def simulated_files(job: Job) -> tuple[bytes, bytes, bytes]:
    """The panorama of the région, then services and structures of the département and its ring."""
    from diagpacte.crossing.access import distances, project
    from diagpacte.demo.offers import simulated_offers
    from diagpacte.demo.panorama import simulated_panorama
    from diagpacte.geography.contours import METROPOLITAN_CRS
    from diagpacte.sources import reference

    vintage = job.settings.geography.vintage
    communes = reference.communes(vintage)
    region = communes.loc[communes["department"].eq(TERRITORY), "region"].iloc[0]
    regions = reference.regions().set_index("code")["name"]
    inside = communes[communes["region"].eq(region) & communes["epci"].notna()]
    epci = (
        inside.sort_values("population")
        .groupby("epci")
        .agg(department=("department", "last"), population=("population", "sum"))
        .reset_index(names="code")
    )
    names = reference.intercommunalities(vintage).set_index("code")["name"]
    panorama = simulated_panorama(epci.assign(name=epci["code"].map(names)), str(region), str(regions[region]), vintage)
    points = project(communes, METROPOLITAN_CRS)
    home = communes["department"].eq(TERRITORY).to_numpy()
    around = communes[distances(points, points[home]) <= 1_000 * job.settings.crossing.ring_km]
    postcode = reference.postcodes().drop_duplicates("code").set_index("code")["postcode"]
    around = around.assign(postcode=around["code"].map(postcode))
    around = around[around["population"].gt(0) & around["lon"].notna() & around["postcode"].notna()]
    leaves = tuple(entry.thematique for entry in job.settings.thematic_labels)
    return (panorama, *simulated_offers(around, leaves, TERRITORY))
