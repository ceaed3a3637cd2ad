"""Task and trigger types: one small module each, a declaration and what it does when run.

api        what a plugin is written against: properties, declarations, the run's ports
binding    written properties to a validated model: rendering, conversion, violations
discovery  which modules declare plugins: ours, installed packages, a folder
catalog    all declared types by name and alias
document   JSON Schema and documentation from declarations
"""
