# fish completion: asks the tool itself, so it always fits.
idf-sample --completion=fish | source
