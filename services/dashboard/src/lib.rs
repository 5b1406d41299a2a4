//! folds the capacity feed into what operators see; writes nothing.
