//! A counselor who looks at an offer and says nothing until the test tells them to: the real desk client, kept open over kills.

use crate::house::{House, Member};
use holdfast_desk::client::{Answer, ClientSettings, DeskClient, DeskCommand, DeskEvent, DeskHandle};
use holdfast_proto::router::v1::{DeskContact, OfferState, Readiness};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// A plan in which nothing happens by time while a test looks, in voice and in writing.
pub(crate) const PLAN: &str = r#"
[network]
id = "kill"
name = "Kill"
default_region = "us"
default_need = "general"
default_language = "en"
[timing]
offer_s = 3600
ring_s = 60
join_s = 60
wrap_up_s = 3600
desk_grace_s = 600
[[lines]]
id = "main"
account = "twilio-main"
number = "+12065550100"
need = "general"
[[regions]]
id = "us"
[[needs]]
id = "general"
[[queues]]
regions = ["us"]
needs = ["general"]
channels = ["voice", "text"]
rings = [["house"]]
[[centers]]
id = "house"
"#;

/// What the screen shows.
#[derive(Clone, Default)]
pub(crate) struct Screen {
    /// Open offers.
    pub(crate) offers: BTreeSet<String>,
    /// Every offer that was ever shown.
    pub(crate) ever: BTreeSet<String>,
    /// The contacts they have a part in, as last shown.
    pub(crate) contacts: BTreeMap<String, DeskContact>,
    /// How often a shift began or went on.
    pub(crate) sessions: usize,
}

pub(crate) struct QuietDesk {
    pub(crate) name: String,
    handle: DeskHandle,
    screen: Arc<Mutex<Screen>>,
    following: tokio::task::JoinHandle<()>,
}

impl Drop for QuietDesk {
    fn drop(&mut self) {
        self.following.abort();
    }
}

impl QuietDesk {
    /// Signs in, and is available.
    pub(crate) async fn start(house: &House, member: &Member) -> Self {
        let settings = ClientSettings { pause_first_ms: 50, pause_most_ms: 400, ..ClientSettings::default() };
        let mut client = DeskClient::start(house.line(&member.token), member.address.clone(), settings);
        let handle = client.handle();
        let screen = Arc::new(Mutex::new(Screen::default()));
        let drawn = Arc::clone(&screen);
        let following = tokio::spawn(async move {
            while let Some(event) = client.next().await {
                drawn.lock().unwrap().hear(event);
            }
        });
        let desk = Self { name: member.name.clone(), handle, screen, following };
        let answer = desk.ask(DeskCommand::SetReadiness(Readiness::Available, Vec::new())).await;
        assert!(answer.is_done(), "{} is not available: {answer:?}", desk.name);
        desk
    }

    pub(crate) async fn ask(&self, command: DeskCommand) -> Answer {
        self.handle.ask(command).await
    }

    pub(crate) fn look(&self) -> Screen {
        self.screen.lock().unwrap().clone()
    }
}

impl Screen {
    fn hear(&mut self, event: DeskEvent) {
        match event {
            DeskEvent::SignedIn { .. } | DeskEvent::Resumed { .. } => self.sessions += 1,
            DeskEvent::Snapshot { snapshot, .. } => {
                let open = snapshot.offers.iter().filter(|it| it.state() == OfferState::Open);
                self.offers = open.map(|it| it.offer_id.clone()).collect();
                self.ever.extend(self.offers.iter().cloned());
                self.contacts = snapshot.contacts.into_iter().map(|it| (it.contact_id.clone(), it)).collect();
            }
            DeskEvent::Delta { delta, .. } => {
                for contact in delta.contacts {
                    if contact.yours {
                        self.contacts.insert(contact.contact_id.clone(), contact);
                    } else {
                        self.contacts.remove(&contact.contact_id);
                    }
                }
                for offer in delta.offers {
                    if offer.state() == OfferState::Open {
                        self.ever.insert(offer.offer_id.clone());
                        self.offers.insert(offer.offer_id);
                    } else {
                        self.offers.remove(&offer.offer_id);
                    }
                }
            }
            DeskEvent::Answered(_) | DeskEvent::Disconnected { .. } => {}
        }
    }
}
