"""One module for each family of magics: functions that write one as Python, and the table of them."""
