//! the routing plan: TOML, validated, into core terms.
