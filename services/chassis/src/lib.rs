//! what every service is bolted to: settings, telemetry, health, shutdown, access, channel.
