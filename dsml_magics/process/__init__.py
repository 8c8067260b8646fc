"""Fresh processes, which load heavy libraries once for all."""
