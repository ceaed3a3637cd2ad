"""Builds the documentation site from the handwritten pages in ``docs`` and from pages that it makes from the code.

It reads the product's code as data. The product never imports it.
"""
