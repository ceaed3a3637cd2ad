"""What task types share: secret properties, work in threads, rows, progress, and HTTP. Plugins get it from ``toccata.plugin``.

It knows no broker and no worker, and imports libraries only when they are used.
"""
