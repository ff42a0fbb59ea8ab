"""The pure half of the journal: frames, blocks, the tree, notes. Bytes in, bytes out."""
