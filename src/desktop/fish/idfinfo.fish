# fish completion: asks the tool itself, so it always fits.
idfinfo --completion=fish | source
