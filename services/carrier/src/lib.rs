//! webhooks in, call control out.
