"""The API's document: every operation with its parameters, bodies and answers, as data. ``python -m services.web.document``
writes ``services/web/openapi.json`` from it, and web serves that file: nothing here is imported when web runs."""
