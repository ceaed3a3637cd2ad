"""Prepares the built site for a strict Content-Security-Policy and for use without a network.

The theme writes a few scripts into each page. They move into files, so that the policy can refuse all inline scripts.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_LOADED = re.compile(
    r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"'> ]+)"
)
_UNNEEDED = ("sitemap.xml", "sitemap.xml.gz", "404.html")


def polish(site: Path) -> list[str]:
    """Change the site in place, and give its problems in words."""
    for name in _UNNEEDED:
        (site / name).unlink(missing_ok=True)
    problems = []
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        problems += [f"{page.relative_to(site)} loads {url}" for url in _LOADED.findall(html)]
        page.write_text(_without_inline_scripts(html, page, site), encoding="utf-8")
    return problems


def _without_inline_scripts(html: str, page: Path, site: Path) -> str:
    up = "../" * len(page.relative_to(site).parent.parts)

    def moved(found: re.Match[str]) -> str:
        # A script in a file must compute the root of the site from the address of the page that loads it.
        code = found.group(1)
        name = f"assets/javascripts/inline.{sha256(code.encode()).hexdigest()[:12]}.js"
        target = site / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.write_text(code, encoding="utf-8")
        return f'<script src="{up}{name}"></script>'

    return _INLINE.sub(moved, html)
