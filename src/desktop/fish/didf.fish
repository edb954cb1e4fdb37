# fish completion: asks the tool itself, so it always fits.
didf --completion=fish | source
