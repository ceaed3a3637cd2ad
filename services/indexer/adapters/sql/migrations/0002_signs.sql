-- How former writers ended, and which record they were about to project (ADR 0017). One row.

CREATE TABLE projection_signs (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    signs text NOT NULL
);
