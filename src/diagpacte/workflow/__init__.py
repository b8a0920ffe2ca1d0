"""One function per command: the only place where reading, computing and writing meet."""

from diagpacte.workflow.crossing import cross
from diagpacte.workflow.delivering import map_themes, table
from diagpacte.workflow.demonstration import demo
from diagpacte.workflow.ingestion import ingest
from diagpacte.workflow.job import Done, Said
from diagpacte.workflow.running import run
from diagpacte.workflow.saisie import saisie
from diagpacte.workflow.scaffold import add, init
from diagpacte.workflow.tracing import trace
from diagpacte.workflow.validation import validate

__all__ = [
    "Done",
    "Said",
    "add",
    "cross",
    "demo",
    "ingest",
    "init",
    "map_themes",
    "run",
    "saisie",
    "table",
    "trace",
    "validate",
]
