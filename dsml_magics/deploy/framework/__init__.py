"""How models of each library are asked and written: one file a library; one nobody imported is not imported."""
