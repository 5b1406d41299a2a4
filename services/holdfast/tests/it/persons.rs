//! The people of a test: a simulated carrier with persons who call, and a counselor at a desk in a terminal.

use crate::house::{ACCOUNT, ACCOUNT_SID, AUTH_TOKEN, House, PUBLIC, Served, listen, wait_for};
use holdfast_loadtests::carrier::{CallSid, Carrier, CarrierSettings, Hidden, HooksBase, PersonScript};
use std::io::Write as _;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Arc, Mutex};

/// Longer than any test.
const FOR_EVER_MS: u64 = 36_000_000;

/// The carrier of a house that does not serve yet. Twenty times as fast as life.
pub(crate) async fn carrier(house: &House) -> Carrier {
    let mut settings =
        CarrierSettings::new(ACCOUNT_SID, Hidden::new(AUTH_TOKEN), format!("{PUBLIC}/v1/carriers/{ACCOUNT}/voice"));
    settings.status_url = Some(format!("{PUBLIC}/v1/carriers/{ACCOUNT}/status"));
    settings.speed = 20.0;
    let carrier = Carrier::start(settings).await.unwrap();
    house.carrier_at(&carrier.rest_base_url());
    carrier
}

/// Tells the carrier where webhooks are taken.
pub(crate) fn reach(carrier: &Carrier, served: &Served) {
    carrier.set_hooks_base(HooksBase { public_origin: PUBLIC.to_owned(), connect_origin: Some(served.url("")) });
}

/// A person who calls, waits for ever, and talks until the counselor ends it.
pub(crate) fn call(carrier: &Carrier, from: &str, to: &str) -> CallSid {
    let script = PersonScript { patience_ms: FOR_EVER_MS, talk_ms: FOR_EVER_MS, ..PersonScript::new(from, to) };
    carrier.place_call(script).unwrap()
}

/// A counselor at `holdfast desk`, who types and reads. Dropping it kills it.
pub(crate) struct AtDesk {
    child: Child,
    typing: ChildStdin,
    said: Arc<Mutex<String>>,
    read: usize,
}

impl Drop for AtDesk {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl AtDesk {
    pub(crate) fn start(house: &House, served: &Served, name: &str, phone: &str) -> Self {
        let token = format!("{name}.token");
        let arguments = ["desk", "--server", &served.server(), "--token-file", &token, "--phone", phone];
        let mut command = house.command(&arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().unwrap(), &said);
        listen(child.stderr.take().unwrap(), &said);
        let typing = child.stdin.take().unwrap();
        let mut desk = Self { child, typing, said, read: 0 };
        desk.reads(&format!("You are signed in as {name}."));
        desk
    }

    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.typing, "{line}").unwrap();
    }

    /// Waits until this has been said, after what was read before.
    pub(crate) fn reads(&mut self, words: &str) {
        let (said, read) = (&self.said, self.read);
        let so = || said.lock().unwrap().get(read..).and_then(|new| new.find(words));
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| wait_for(words, so)));
        let Ok(at) = found else { panic!("the desk never said {words:?}, but:\n{}", said.lock().unwrap()) };
        self.read += at + words.len();
    }

    /// Everything that was said.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Waits for the end of the process.
    pub(crate) fn ends(mut self) -> (Option<i32>, String) {
        let ended = wait_for("the desk to end", || self.child.try_wait().unwrap());
        (ended.code(), self.said())
    }
}

/// One whole call at the desk of somebody who is not ready yet: taken, noted, ended, written up.
pub(crate) fn takes_a_call(desk: &mut AtDesk, carrier: &Carrier, from: &str, to: &str, note: &str) -> CallSid {
    desk.types("ready");
    desk.reads("You are ready.");
    let person = call(carrier, from, to);
    desk.reads("is offered to you.");
    desk.reads("type accept or not now.");
    desk.types("accept");
    desk.reads("You have it.");
    desk.reads("You are connected.");
    desk.types(&format!("note {note}"));
    desk.reads("Note saved.");
    person
}

/// And its end.
pub(crate) fn ends_it(desk: &mut AtDesk) {
    desk.types("end");
    desk.reads("The contact is over.");
    desk.types("done");
    desk.reads("Finished. Thank you.");
}
