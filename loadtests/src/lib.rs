//! open-loop callers, desks and a simulated carrier over the real wire.
