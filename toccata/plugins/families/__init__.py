"""Our plugin families, a folder each. Of Toccata they import only ``toccata.plugin``. See the README of ``plugins``."""
