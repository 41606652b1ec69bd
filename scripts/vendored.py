#!/usr/bin/env python3
"""vendored.py SBOM: adds to a bill of materials (CycloneDX, JSON) what is compiled into `ebb` and is no crate."""

import dataclasses
import json
import pathlib
import re
import sys
import urllib.parse

ASSETS = pathlib.Path(__file__).resolve().parent.parent / "cli/serve/assets"
SENTENCE = re.compile(
    r"`[^`]+` is (?P<name>\S+) (?P<version>\d\S*), `[^`]+` of the npm package\s+`(?P<package>[^`]+)`, "
    r"unchanged, under the (?P<licence>\S+) licence in\s+`(?P<file>[^`]+)`"
)


@dataclasses.dataclass(frozen=True)
class Vendored:
    """A file of somebody else's that the repository holds."""

    name: str
    version: str
    package: str
    licence: str
    file: str

    def text(self):
        return (ASSETS / self.file).read_text().strip()

    def component(self):
        """How a bill of materials lists it."""
        purl = f"pkg:npm/{urllib.parse.quote(self.package)}@{self.version}"
        licence = {"license": {"id": self.licence}}
        return {
            "type": "library",
            "bom-ref": purl,
            "name": self.package,
            "version": self.version,
            "licenses": [licence],
            "purl": purl,
        }


def vendored():
    """What README.md in the folder says of each file with a licence there."""
    found = [Vendored(**match.groupdict()) for match in SENTENCE.finditer((ASSETS / "README.md").read_text())]
    files = sorted(file.name for file in ASSETS.glob("*.LICENSE.md"))
    if sorted(one.file for one in found) != files:
        raise SystemExit(f"vendored: {ASSETS / 'README.md'} does not say whose licences these are: {', '.join(files)}")
    return found


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.split(":")[0], file=sys.stderr)
        return 2
    file = pathlib.Path(arguments[0])
    bill = json.loads(file.read_text())
    bill["components"] += [one.component() for one in vendored()]
    root = bill["metadata"]["component"]["bom-ref"]
    needs = next(entry for entry in bill["dependencies"] if entry["ref"] == root)
    needs["dependsOn"] += [one.component()["bom-ref"] for one in vendored()]
    file.write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
