"""Fail when uv.lock no longer follows pyproject.toml, or its exports no longer follow uv.lock.

Without uv: every locked requirement of pyproject.toml must stand in the exports.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXPORTS = {"requirements.txt": ["--no-default-groups", "--group", "build"], "requirements-dev.txt": []}


def _export(options: list[str]) -> str:
    command = [
        "uv",
        "export",
        "--locked",
        "--quiet",
        "--no-emit-project",
        "--no-header",
        "--format",
        "requirements-txt",
    ]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"uv.lock does not follow pyproject.toml: run `make lock`\n{done.stderr}")
    return done.stdout


def _named(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s<>=!~\[;]", line, maxsplit=1)[0].lower() for line in requirements}


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, options in EXPORTS.items():
        kept = (ROOT / name).read_text(encoding="utf-8")
        if shutil.which("uv") and _export(options) != kept:
            sys.exit(f"{name} does not follow uv.lock: run `make lock`")
        missing = _named(project["dependencies"]) - _named(re.findall(r"^[A-Za-z0-9].*$", kept, re.MULTILINE))
        if missing:
            sys.exit(f"{name} lacks {sorted(missing)}: run `make lock`")


if __name__ == "__main__":
    main()
