"""Says what ships: a bill of materials (CycloneDX) and the licences, from the lock files. `make sbom` writes both.

part.py     the packages of requirements/run.txt and of npm's lock file, with versions, checksums and licences
licence.py  names of licences as SPDX has them, and those that are permitted
"""
