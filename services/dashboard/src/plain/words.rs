//! Every word of the plain board, in both languages side by side: a word that one of them lacks does not compile.
//!
//! The terms are those of the live board (`services/web/app/words`). What is told with a number in it is a function, since
//! languages put their halves elsewhere.

use holdfast_chassis::web::Language;
use holdfast_proto::router::v1::HelpLevel;

use crate::decisions::{Decision, Kind};
use crate::settings::DashboardSettings;

macro_rules! words {
    ($($name:ident: $english:literal, $spanish:literal;)+) => {
        /// One language's words.
        pub(super) struct Words {
            language: Language,
            $(pub(super) $name: &'static str,)+
        }

        const ENGLISH: Words = Words { language: Language::English, $($name: $english,)+ };
        const SPANISH: Words = Words { language: Language::Spanish, $($name: $spanish,)+ };

        #[cfg(test)]
        const PAIRS: &[(&str, &str)] = &[$(($english, $spanish),)+];
    };
}

words! {
    capacity: "Capacity", "Capacidad";
    not_connected: "Not connected yet", "Aún sin conexión";
    not_connected_why:
        "This board has not heard from the router yet. It keeps trying, and this page looks again every 5 seconds. If this \
         does not change within a minute, ask an operator to check the router.",
        "A este panel aún no le ha llegado nada del enrutador. Sigue intentándolo, y esta página vuelve a mirar cada 5 \
         segundos. Si en un minuto sigue así, pida a operación que revise el enrutador.";
    lost_why:
        "The router has not been heard. These are the last numbers; waits go on growing. Trying again by itself.",
        "No llega nada del enrutador. Estas son las últimas cifras; las esperas siguen creciendo. Se intenta de nuevo por sí solo.";
    ok: "OK", "Bien";
    watch: "Watch", "Atención";
    act: "Act", "Actuar";
    waiting_now: "Waiting now", "Esperan ahora";
    longest_wait: "Longest wait", "Espera más larga";
    left_before_answer: "Left before answer, 30 min", "Se fueron sin respuesta, 30 min";
    counselors: "Counselors free / on contact", "Consejeros libres / con alguien";
    centers_taking: "Centers taking contacts", "Centros que atienden";
    peers: "Peers free / on contact", "Pares libres / con alguien";
    in_writing: "Conversations in writing", "Conversaciones por escrito";
    finished: "finished", "terminados";
    nobody_free: "nobody is free", "nadie está libre";
    none_taking: "none is taking contacts", "ninguno atiende";
    handoffs_under_way: "handoffs under way", "traspasos en curso";
    wrapping_up: "wrap-up", "anotando";
    away: "away", "ausentes";
    unsure: "unsure", "inciertos";
    none_in_window: "no contacts in window", "sin contactos en el periodo";
    nobody_waits: "nobody waits", "nadie espera";
    nobody_answered: "nobody was answered", "no se atendió a nadie";
    none: "none", "ninguno";
    needs_decision: "Needs a decision", "Requiere una decisión";
    no_decision: "Nothing needs a decision right now.", "Ahora nada requiere una decisión.";
    seen: "seen", "visto";
    network: "The network", "La red";
    queues: "Queues", "Colas";
    queues_in_order: "Queues, most urgent first", "Colas, la más urgente primero";
    no_queues: "The plan in force has no queues. Ask an administrator to add one.",
        "El plan vigente no tiene colas. Pida a administración que añada una.";
    queue: "Queue", "Cola";
    state: "State", "Estado";
    waiting: "Waiting", "Esperan";
    finished_head: "Finished", "Terminados";
    left_head: "Left (30 min)", "Se fueron (30 min)";
    free: "Free", "Libres";
    on_contact: "On contact", "Con alguien";
    today: "Today", "Hoy";
    since: "since", "desde las";
    arrived: "arrived", "llegaron";
    answered: "answered", "atendidos";
    left: "left", "se fueron";
    wait_mean: "wait on average", "espera media";
    handoffs_started: "handoffs started", "traspasos iniciados";
    completed: "completed", "hechos";
    returned: "returned", "volvieron";
    cancelled: "cancelled", "cancelados";
    incomplete: "There is more than this board can hold: some numbers are too low.",
        "Hay más de lo que este panel puede contener: algunas cifras son demasiado bajas.";
}

/// What a decision is about, in words already.
pub(super) struct Facts<'a> {
    pub(super) subject: &'a str,
    /// Since when, as minutes and seconds.
    pub(super) lasts: &'a str,
    pub(super) within_s: u64,
}

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Spanish => &SPANISH,
        }
    }

    /// One of the two, which are both there.
    fn either(&self, english: String, spanish: String) -> String {
        match self.language {
            Language::English => english,
            Language::Spanish => spanish,
        }
    }

    /// Spanish holds the number and its sign together, as `Intl` does on the live board.
    pub(super) fn percent(&self, percent: u64) -> String {
        self.either(format!("{percent} %"), format!("{percent}\u{a0}%"))
    }

    pub(super) fn permille(&self, permille: u64) -> String {
        let (whole, tenth) = (permille / 10, permille % 10);
        self.either(format!("{whole}.{tenth} %"), format!("{whole},{tenth}\u{a0}%"))
    }

    pub(super) fn live(&self, ms: u64) -> String {
        let (s, tenth) = (ms / 1_000, ms % 1_000 / 100);
        self.either(format!("Live · {s}.{tenth} s"), format!("En vivo · {s},{tenth} s"))
    }

    pub(super) fn late(&self, ms: u64) -> String {
        let s = ms / 1_000;
        self.either(format!("Late · {s} s"), format!("Con retraso · {s} s"))
    }

    pub(super) fn lost(&self, at: &str) -> String {
        self.either(format!("Lost · as of {at}"), format!("Perdido · de las {at}"))
    }

    pub(super) fn title(&self, waiting: u64) -> String {
        self.either(format!("{waiting} waiting · {}", self.capacity), format!("Esperan {waiting} · {}", self.capacity))
    }

    pub(super) fn target(&self, target: &str) -> String {
        self.either(format!("target {target}"), format!("meta {target}"))
    }

    pub(super) fn limit(&self, percent: u64) -> String {
        let limit = self.percent(percent);
        self.either(format!("limit {limit}"), format!("límite {limit}"))
    }

    pub(super) fn answered_within(&self, s: u64) -> String {
        self.either(format!("Answered within {s} s, 30 min"), format!("Atendidos en {s} s, 30 min"))
    }

    pub(super) fn within(&self, s: u64) -> String {
        self.either(format!("In {s} s (30 min)"), format!("En {s} s (30 min)"))
    }

    pub(super) fn of_all(&self, part: u64, whole: u64) -> String {
        self.either(format!("{part} of {whole}"), format!("{part} de {whole}"))
    }

    pub(super) fn the_first(&self, shown: usize, whole: usize) -> String {
        self.either(format!("the first {shown} of {whole}"), format!("las primeras {shown} de {whole}"))
    }

    pub(super) fn and_more(&self, more: usize) -> String {
        self.either(format!("and {more} more"), format!("y {more} más"))
    }

    pub(super) fn wait_for_answer(&self, people: u64) -> String {
        self.either(format!("{people} wait for an answer"), format!("esperan respuesta: {people}"))
    }

    /// How long nine of ten waited, at most.
    pub(super) fn most_within(&self) -> String {
        let most = self.percent(90);
        self.either(format!("{most} within"), format!("{most} en"))
    }

    pub(super) fn counting_since(&self, min: u64) -> String {
        self.either(
            format!("Counting since this board started, {min} min ago; the 30 minutes are not full yet."),
            format!("Se cuenta desde que empezó este panel, hace {min} min; los 30 minutos aún no están completos."),
        )
    }

    /// What each number counts, for whoever compares it with another system's.
    pub(super) fn how_counted(&self, settings: &DashboardSettings, left_short: u64) -> String {
        let DashboardSettings { answer_within_s, short_s, .. } = settings;
        self.either(
            format!(
                "A wait counts from arrival. Answered in time: of those answered, gone, or still waiting beyond \
                 {answer_within_s} s; “finished” leaves out those who still wait. Gone within {short_s} s is not counted as \
                 left ({left_short} in 30 min). A counselor counts once, and is free with the desk there, ready, and room for \
                 one more; a queue’s free are those of its channel in the whole network. Peers are counted apart. Callbacks \
                 wait like everybody and are in no percentage."
            ),
            format!(
                "La espera cuenta desde la llegada. Atendidos a tiempo: de quienes fueron atendidos, se fueron o llevan \
                 esperando más de {answer_within_s} s; «terminados» deja fuera a quienes siguen esperando. Quien se va en los \
                 primeros {short_s} s no cuenta entre los que se fueron ({left_short} en 30 min). Cada consejero cuenta una \
                 vez, y está libre si su puesto está conectado, está disponible y tiene sitio para alguien más; los libres de \
                 una cola son los de su canal en toda la red. Los pares se cuentan aparte. Quien espera que le devuelvan la \
                 llamada espera como los demás y no entra en ningún porcentaje."
            ),
        )
    }

    /// A channel by its word on the wire.
    pub(super) fn channel<'a>(&self, channel: &'a str) -> &'a str {
        match (self.language, channel) {
            (Language::Spanish, "voice") => "voz",
            (Language::Spanish, "text") => "texto",
            (Language::Spanish, "any channel") => "cualquier canal",
            // Chat is chat in both.
            (Language::English | Language::Spanish, other) => other,
        }
    }

    pub(super) fn decision(&self, decision: &Decision, facts: &Facts<'_>) -> String {
        let level = i32::try_from(decision.value).ok().and_then(|level| HelpLevel::try_from(level).ok());
        match self.language {
            Language::English => english(decision.kind, decision.value, level, facts),
            Language::Spanish => spanish(decision.kind, decision.value, level, facts),
        }
    }
}

fn english(kind: Kind, value: u64, level: Option<HelpLevel>, facts: &Facts<'_>) -> String {
    let Facts { subject, lasts, within_s } = facts;
    match kind {
        Kind::LongestWait => format!("{subject}: longest wait {lasts}, {value} waiting"),
        Kind::Sl => format!("{subject}: {value} % answered within {within_s} s, for {lasts}"),
        Kind::Left => format!("{subject}: {value} % left before an answer, for {lasts}"),
        Kind::NoOneFree => format!("Nobody is free for {subject}: {value} waiting, for {lasts}"),
        Kind::CenterSilent => format!("{subject}: silent for {lasts}, {value} desks"),
        Kind::Help => {
            let what = match level {
                Some(HelpLevel::Emergency) => "Safety emergency: help is asked",
                Some(HelpLevel::Join) => "Somebody asks a supervisor to join",
                _ => "Somebody asks a supervisor a question",
            };
            format!("{what}, for {lasts}")
        }
        Kind::TextUnanswered => format!("{subject}: a person in writing waits {lasts} for an answer"),
        Kind::HandoffStuck => format!("{subject}: a handoff has not moved for {lasts}"),
    }
}

fn spanish(kind: Kind, value: u64, level: Option<HelpLevel>, facts: &Facts<'_>) -> String {
    let Facts { subject, lasts, within_s } = facts;
    match kind {
        Kind::LongestWait => format!("{subject}: espera más larga {lasts}, esperan {value}"),
        Kind::Sl => format!("{subject}: {value}\u{a0}% atendidos en {within_s} s, desde hace {lasts}"),
        Kind::Left => format!("{subject}: {value}\u{a0}% se fueron sin respuesta, desde hace {lasts}"),
        Kind::NoOneFree => format!("Nadie está libre para {subject}: esperan {value}, desde hace {lasts}"),
        Kind::CenterSilent => format!("{subject}: en silencio desde hace {lasts}, puestos: {value}"),
        Kind::Help => {
            let what = match level {
                Some(HelpLevel::Emergency) => "Emergencia de seguridad: se pide ayuda",
                Some(HelpLevel::Join) => "Alguien pide a supervisión que se una",
                _ => "Alguien hace una pregunta a supervisión",
            };
            format!("{what}, desde hace {lasts}")
        }
        Kind::TextUnanswered => format!("{subject}: alguien que escribe espera respuesta desde hace {lasts}"),
        Kind::HandoffStuck => format!("{subject}: un traspaso no avanza desde hace {lasts}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::figures::Severity;

    /// Written alike in both, and right in both.
    const ALIKE: [&str; 7] = ["a", "general", "min", "no", "north", "plan", "s"];

    fn words<'a>(of: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
        let split = of.into_iter().flat_map(|it| it.split(|c: char| !c.is_alphabetic()));
        split.map(str::to_lowercase).filter(|it| !it.is_empty() && !ALIKE.contains(&it.as_str())).collect()
    }

    #[test]
    fn neither_language_has_a_word_of_the_other() {
        let english = words(PAIRS.iter().map(|(english, _)| *english));
        let spanish = words(PAIRS.iter().map(|(_, spanish)| *spanish));
        assert_eq!(english.intersection(&spanish).collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn every_decision_is_told_in_either_language_with_its_facts() {
        let kinds = [
            (Kind::LongestWait, 41),
            (Kind::Sl, 41),
            (Kind::Left, 41),
            (Kind::NoOneFree, 41),
            (Kind::CenterSilent, 41),
            (Kind::Help, 1),
            (Kind::Help, 2),
            (Kind::Help, 3),
            (Kind::TextUnanswered, 41),
            (Kind::HandoffStuck, 41),
        ];
        let facts = Facts { subject: "North · general", lasts: "1:09", within_s: 20 };
        let mut told = BTreeSet::new();
        for (kind, value) in kinds {
            let decision = Decision {
                id: String::new(),
                kind,
                severity: Severity::Act,
                subject: String::new(),
                since_ms: 0,
                value,
                who: String::new(),
                contact_id: String::new(),
                acknowledged_by: String::new(),
            };
            let sentences = [&ENGLISH, &SPANISH].map(|it| it.decision(&decision, &facts));
            let [english, spanish] = sentences.each_ref().map(|it| words([it.as_str()]));
            assert!(english.is_disjoint(&spanish), "{sentences:?}");
            for sentence in sentences {
                assert!(sentence.contains("1:09"), "{sentence}");
                assert_eq!(sentence.contains("North · general"), kind != Kind::Help, "{sentence}");
                assert!(told.insert(sentence), "two kinds read alike");
            }
        }
    }

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        assert_eq!((ENGLISH.permille(825).as_str(), SPANISH.permille(825).as_str()), ("82.5 %", "82,5\u{a0}%"));
        assert_eq!((ENGLISH.percent(80).as_str(), SPANISH.percent(80).as_str()), ("80 %", "80\u{a0}%"));
        assert_eq!((ENGLISH.live(1_450).as_str(), SPANISH.live(1_450).as_str()), ("Live · 1.4 s", "En vivo · 1,4 s"));
    }
}
