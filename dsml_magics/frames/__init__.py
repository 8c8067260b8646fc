"""One way to open a table: whatever it is, a stream of Arrow record batches."""
