# fish completion: asks the tool itself, so it always fits.
cidf --completion=fish | source
