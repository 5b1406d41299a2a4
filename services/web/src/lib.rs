//! The faces of Holdfast as bytes: the pages and the files they ask for, built by `make web` and embedded here. Leaves out
//! serving them, and who may open which: that is the services' and the sign-in's.
//!
//! Without a built bundle the crate compiles, [`page`] gives `None`, and whoever serves says how to get the rest.

/// Which page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Where a counselor or a peer works.
    Desk,
    /// What operators and supervisors watch and decide by.
    Board,
    /// The board on a screen on the wall: nothing to press.
    Wall,
}

/// One file of the bundle. Its name carries a hash of its content, so that it may be kept for good.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// As it is.
    pub bytes: &'static [u8],
    /// Compressed, for whoever accepts gzip.
    pub gzip: Option<&'static [u8]>,
    /// Its `Content-Type`.
    pub content_type: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// Where in a shell the boot data belongs.
const BOOT: &str = "{{boot}}";
/// Where the files of the bundle are asked for.
const PREFIX: &str = "/assets/";

/// The page as HTML, with its boot data in it as JSON; `None` if the bundle was not built.
///
/// It needs `Content-Security-Policy: default-src 'self'` and nothing more: neither script nor style stands in the page.
pub fn page(page: Page, boot_json: &str) -> Option<String> {
    let shell = match page {
        Page::Desk => DESK,
        Page::Board => BOARD,
        Page::Wall => WALL,
    }?;
    Some(fill(shell, boot_json))
}

/// A file of the bundle by its path, `/assets/…`.
pub fn asset(path: &str) -> Option<Asset> {
    let name = path.strip_prefix(PREFIX)?;
    let found = ASSETS.binary_search_by(|(it, _)| (*it).cmp(name)).ok()?;
    ASSETS.get(found).map(|(_, asset)| *asset)
}

/// Which build is embedded: a hash over all of it, empty if there is none. A wall loads itself anew when it changes.
pub fn build_id() -> &'static str {
    BUILD
}

/// Puts JSON where the shell wants it. `<` is written so that no string in it can end the element.
fn fill(shell: &str, boot_json: &str) -> String {
    shell.replacen(BOOT, &boot_json.replace('<', "\\u003c"), 1)
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, Page, asset, build_id, fill, page};

    #[test]
    fn boot_data_cannot_end_its_element() {
        let filled = fill("<script>{{boot}}</script>", r#"{"name":"</script><b>"}"#);
        assert_eq!(filled, r#"<script>{"name":"\u003c/script>\u003cb>"}</script>"#);
    }

    #[test]
    fn a_page_asks_only_for_what_is_embedded() {
        for face in [Page::Desk, Page::Board, Page::Wall] {
            let Some(html) = page(face, "{}") else {
                assert!(ASSETS.is_empty() && build_id().is_empty(), "half a bundle is embedded");
                continue;
            };
            let asked: Vec<&str> = html.split('"').filter(|it| it.starts_with("/assets/")).collect();
            assert!(!asked.is_empty(), "{face:?} asks for nothing");
            for path in asked {
                assert!(asset(path).is_some(), "{face:?} asks for {path}");
            }
            assert!(html.contains("/board/plain") && html.contains(r#"id="boot">{}<"#));
        }
    }

    #[test]
    fn only_names_of_the_bundle_are_found() {
        for path in ["/assets/", "/assets/../build", "assets/desk.js", "/desk", ""] {
            assert!(asset(path).is_none(), "{path}");
        }
    }
}
