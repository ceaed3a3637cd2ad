"""The documentation site: pages by hand from ``docs``, pages from the code, and the program that builds both.

It reads the product's code as data. Nothing of the product imports it.
"""
