"""The parts of a table that lies in parts."""

import pyarrow as pa


def rows_of_parts(table):
    """Bring every part back whole, by way of its summary."""

    def summarise(batches):
        import pyarrow as pa

        found = list(batches)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, found[0].schema) as stream:
            for batch in found:
                stream.write_batch(batch)
        return sink.getvalue().to_pybytes()

    def merge(summaries):
        import pickle

        return pickle.dumps(list(summaries))

    import pickle

    parts = []
    for merged in table.partitions(summarise, merge):
        found = pickle.loads(merged) if merged.startswith(b"\x80") else [merged]
        parts += [pa.ipc.open_stream(part).read_all() for part in found]
    return pa.concat_tables(parts)
