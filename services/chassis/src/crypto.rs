//! The process-wide TLS provider.
//!
//! Two rustls providers in one graph make rustls panic at the first handshake unless one is named, so every entry into
//! TLS here names aws-lc-rs first. Keys and certificates are read by whoever listens or connects, not here.

/// Makes aws-lc-rs the provider of this process. Idempotent: a provider installed earlier stays.
pub fn install_default() {
    // The error is the provider that was there already, which is what we want.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
