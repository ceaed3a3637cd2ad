"""The API's document: every operation with its parameters, bodies and answers, as data. ``python -m services.web.document``
writes it to ``services/web/openapi.json``. Web serves that file and never imports this package."""
