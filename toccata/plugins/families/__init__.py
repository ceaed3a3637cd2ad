"""Our plugin families: a folder each, which imports of ours ``toccata.plugin`` alone. See the README of ``plugins``."""
