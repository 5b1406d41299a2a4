//! The core from outside: stories that a counselor lead can review, and laws over random nights.

mod laws;
mod night;
mod plan;
mod story;
mod tables;
mod tell;
