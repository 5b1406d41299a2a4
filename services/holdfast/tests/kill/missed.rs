//! Somebody writes while the process is dead, and the carrier gives up telling of it. Once it is back they are offered to a counselor,
//! once, and stay one conversation over every restart after that.

use crate::house::House;
use crate::picture::counts;
use crate::process::{Serving, verb};
use crate::quiet::{PLAN, QuietDesk};
use crate::{TURN, wait_until};
use holdfast_loadtests::carrier::{Carrier, Happened};
use std::time::Duration;

const LINE: &str = "+12065550100";
const PERSON: &str = "+12125550123";
const LONG: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn who_writes_while_nothing_answers_is_found_at_the_carrier() {
    let _turn = TURN.lock().await;
    let members = [("cora".to_owned(), "")];
    let house = House::build(&members);
    let mut settings = house.carrier_settings();
    settings.text_retries = 0;
    let carrier = Carrier::start(settings).await.unwrap();
    carrier.set_hooks_base(house.hooks_base());
    house.furnish(PLAN, &members, &carrier.rest_base_url());
    assert!(verb(&["init", "--config", house.config_file().to_str().unwrap()]));
    let mut serving = Serving::spawn(&house);
    serving.ready().await;
    serving.kill();

    carrier.write(PERSON, LINE, "is anybody there");
    carrier.write(PERSON, "+12065550999", "to another number of the same account");
    let given_up =
        || carrier.ledger().entries.iter().filter(|it| matches!(it.what, Happened::TextGivenUp { .. })).count();
    wait_until("the carrier gives up", LONG, async || given_up() == 2).await;

    let mut serving = Serving::spawn(&house);
    serving.ready().await;
    let cora = QuietDesk::start(&house, &house.members[0]).await;
    wait_until("they are offered", LONG, async || !cora.look().offers.is_empty()).await;
    carrier.write(PERSON, LINE, "hello");
    for _ in 0..2 {
        // Long enough for some more looks at the carrier, each of which lists it again after a start.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (waiting, offered, held) = counts(&house).await;
        assert_eq!(waiting + offered + held, 1, "one person, one conversation");
        serving.kill();
        serving = Serving::spawn(&house);
        serving.ready().await;
    }
    wait_until("they are offered still", LONG, async || !cora.look().offers.is_empty()).await;
    assert!(serving.end().await);
}
