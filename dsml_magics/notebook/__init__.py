"""The notebook's face: commands as magics of an IPython shell, and what Tab offers for them."""
