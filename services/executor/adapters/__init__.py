"""The executor's access to the outside, besides its processors."""
