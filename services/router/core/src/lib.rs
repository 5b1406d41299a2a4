//! the law: every decision Holdfast makes, as a pure state machine.
