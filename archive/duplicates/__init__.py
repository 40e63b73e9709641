"""Which articles say the same: an index of texts that is kept up with every save, and the clusters read out of it.

A text is a set of passages (`passages`), of which a few numbers are kept (`minhash`). Texts that share some of those
are compared (`index`), by the rules of `likeness`; `clusters` puts copies together, `agencies` tells whose they are.
"""
