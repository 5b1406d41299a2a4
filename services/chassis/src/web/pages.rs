//! The few pages that need no script: sign-in, "not for you", "not built". Every word of them in two languages.

use maud::{DOCTYPE, Markup, html};

use super::gate::home;
use super::language::Language;
use crate::access::Principal;

/// Their style: calm in light and dark, text at 7:1 and more, nothing that moves.
pub(super) const STYLE: &str = include_str!("sign_in.css");

/// What went wrong with a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    Wrong,
    TooMany,
    Used,
}

struct Words {
    title: &'static str,
    lead: &'static str,
    token: &'static str,
    hint: &'static str,
    enter: &'static str,
    mistake: &'static str,
    wrong: &'static str,
    too_many: &'static str,
    used: &'static str,
    known: &'static str,
    go_on: &'static str,
    leave: &'static str,
    not_for: &'static str,
    not_for_why: &'static str,
    not_built: &'static str,
    not_built_why: &'static str,
    plain_board: &'static str,
    signed_in: &'static str,
}

const ENGLISH: Words = Words {
    title: "Sign in",
    lead: "For counselors, peer supporters, supervisors and operators of this line.",
    token: "Your access token",
    hint: "You have it from your administrator. It is kept until you sign out or close the browser.",
    enter: "Sign in",
    mistake: "There is a problem",
    wrong: "We do not know this token. Check that it is complete, or ask your administrator for a new one.",
    too_many: "Many people are signing in right now. Wait a few seconds and try again.",
    used: "This link has been used or is too old. Ask for a new one, or sign in with your token.",
    known: "You are signed in as",
    go_on: "Continue",
    leave: "Sign out",
    not_for: "This page is not part of your role",
    not_for_why: "Nothing is wrong with your account. This page is for other roles; your own page is one step away.",
    not_built: "The browser pages are not part of this build",
    not_built_why: "Install Node.js, run “make web” and build again. Everything else works without them.",
    plain_board: "Open the plain board",
    signed_in: "You are signed in",
};

const SPANISH: Words = Words {
    title: "Iniciar sesión",
    lead: "Para consejeros, pares de apoyo, supervisores y operadores de esta línea.",
    token: "Su clave de acceso",
    hint: "Se la dio su administrador. Se guarda hasta que cierre la sesión o el navegador.",
    enter: "Iniciar sesión",
    mistake: "Hay un problema",
    wrong: "No conocemos esta clave. Revise que esté completa o pida una nueva a su administrador.",
    too_many: "Muchas personas están iniciando sesión en este momento. Espere unos segundos e intente de nuevo.",
    used: "Este enlace ya se usó o es demasiado antiguo. Pida uno nuevo o inicie sesión con su clave.",
    known: "Su sesión está iniciada como",
    go_on: "Continuar",
    leave: "Cerrar sesión",
    not_for: "Esta página no es parte de su función",
    not_for_why: "Su cuenta está bien. Esta página es para otras funciones; la suya está a un paso.",
    not_built: "Las páginas para el navegador no son parte de esta versión",
    not_built_why: "Instale Node.js, ejecute «make web» y compile de nuevo. Todo lo demás funciona sin ellas.",
    plain_board: "Abrir el tablero sencillo",
    signed_in: "Su sesión está iniciada",
};

fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
    }
}

fn page(language: Language, title: &str, more: &Markup, content: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                (more)
                title { (title) " · Holdfast" }
                link rel="stylesheet" href="/sign-in.css";
            }
            body { main { p.product { "Holdfast" } (content) } }
        }
    };
    page.into_string()
}

/// The sign-in form. `back`: where to go afterwards, checked by the caller.
pub(super) fn sign_in(language: Language, back: &str, known: Option<&Principal>, mistake: Option<Mistake>) -> String {
    let it = words(language);
    let what = mistake.map(|mistake| match mistake {
        Mistake::Wrong => it.wrong,
        Mistake::TooMany => it.too_many,
        Mistake::Used => it.used,
    });
    let title = what.map_or_else(|| it.title.to_owned(), |_| format!("{}: {}", it.mistake, it.title));
    let wrong = mistake == Some(Mistake::Wrong);
    let described = if wrong { "hint wrong" } else { "hint" };
    let content = html! {
        @if let Some(what) = what {
            div.summary role="alert" tabindex="-1" {
                h2 { (it.mistake) }
                p { @if wrong { a href="#token" { (what) } } @else { (what) } }
            }
        }
        h1 { (it.title) }
        p { (it.lead) }
        @if let Some(who) = known { (leaving(it, who)) }
        form method="post" action="/sign-in" {
            input type="hidden" name="lang" value=(language.code());
            input type="hidden" name="next" value=(back);
            label for="token" { (it.token) }
            p.hint #hint { (it.hint) }
            @if wrong { p.wrong #wrong { (it.wrong) } }
            input #token type="password" name="token" required autofocus autocomplete="current-password"
                autocapitalize="none" spellcheck="false" aria-describedby=(described) aria-invalid=[wrong.then_some("true")];
            button type="submit" { (it.enter) }
        }
        (other_language(language, back))
    };
    page(language, &title, &html! {}, &content)
}

fn other_language(language: Language, back: &str) -> Markup {
    let (other, name) = match language {
        Language::English => (Language::Spanish, "Español"),
        Language::Spanish => (Language::English, "English"),
    };
    let address = super::sign_in::address(back);
    let joint = if address.contains('?') { '&' } else { '?' };
    let address = format!("{address}{joint}lang={}", other.code());
    html! { p.language { a href=(address) lang=(other.code()) hreflang=(other.code()) { (name) } } }
}

/// Signed in by a one-time code: the page goes on by itself.
pub(super) fn goes_on(language: Language, target: &str) -> String {
    let it = words(language);
    let more = html! { meta http-equiv="refresh" content=(format!("0;url={target}")); };
    page(language, it.signed_in, &more, &html! { h1 { (it.signed_in) } p { a.go href=(target) { (it.go_on) } } })
}

/// A page of another role.
pub(super) fn not_for(language: Language, who: &Principal) -> String {
    let it = words(language);
    let content = html! {
        h1 { (it.not_for) }
        p { (it.not_for_why) }
        (leaving(it, who))
    };
    page(language, it.not_for, &html! {}, &content)
}

/// There is no bundle in this build.
pub(super) fn not_built(language: Language, who: &Principal) -> String {
    let it = words(language);
    let content = html! {
        h1 { (it.not_built) }
        p { (it.not_built_why) }
        @if home(who.role) == "/board" { p { a.go href="/board/plain" { (it.plain_board) } } }
        (leaving(it, who))
    };
    page(language, it.not_built, &html! {}, &content)
}

fn leaving(it: &Words, who: &Principal) -> Markup {
    html! {
        p.known { (it.known) " " strong { (who.name) } ". " a href=(home(who.role)) { (it.go_on) } }
        form method="post" action="/sign-out" { button.quiet type="submit" { (it.leave) } }
    }
}
