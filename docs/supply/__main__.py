"""``python -m docs.supply FOLDER``: writes ``sbom.cdx.json`` (CycloneDX 1.6) and ``LICENSES.md`` there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from docs.generate.table import table
from docs.supply.licence import is_permitted
from docs.supply.part import Part, parts
from toccata.version import version


def main(arguments: Sequence[str]) -> int:
    [folder] = [Path(each) for each in arguments] or [Path("build/sbom")]
    found = parts()
    refused = [each for each in found if not is_permitted(each.name, each.licence)]
    if refused:
        for each in refused:
            sys.stderr.write(
                f"{each.name} {each.version}: licence {each.licence or 'unknown'} is not permitted\n"
            )
        return 1
    text = document(found)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sbom.cdx.json").write_text(text)
    (folder / "LICENSES.md").write_text(licences(found))
    sys.stdout.write(f"{len(found)} packages: {folder / 'sbom.cdx.json'}, {folder / 'LICENSES.md'}\n")
    return 0


def document(found: Sequence[Part]) -> str:
    """The bill of materials, valid by its schema. Raises ValueError if it is not."""
    components = [_component(each) for each in found]
    bom = Bom(components=components)
    bom.metadata.component = Component(
        name="toccata",
        version=version(),
        type=ComponentType.APPLICATION,
        licenses=[LicenseExpression("Apache-2.0")],
    )
    bom.register_dependency(bom.metadata.component, components)
    text = JsonV1Dot6(bom).output_as_string(indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise ValueError(f"the bill of materials is not valid: {wrong}")
    return text


def licences(found: Sequence[Part]) -> str:
    rows = [(each.kind, each.name, each.version, each.licence) for each in found]
    return "# Licences of what ships\n\n" + table(("registry", "package", "version", "licence"), rows) + "\n"


def _component(part: Part) -> Component:
    group, _, name = part.name.rpartition("/")
    # npm's lock file has one archive a package, Python's several, of which one is installed.
    hashes = [HashType(alg=HashAlgorithm.SHA_512, content=part.sha512)] if part.sha512 else []
    hashes += [HashType(alg=HashAlgorithm.SHA_256, content=each) for each in part.sha256]
    return Component(
        name=name,
        group=group or None,
        version=part.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL(part.kind, group or None, name, part.version),
        licenses=[LicenseExpression(part.licence)],
        hashes=hashes,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
