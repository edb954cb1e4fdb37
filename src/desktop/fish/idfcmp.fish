# fish completion: asks the tool itself, so it always fits.
idfcmp --completion=fish | source
