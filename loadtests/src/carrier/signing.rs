//! Signs hooks as the carrier does: one call into the codec, so that both ends of the wire share no other code.

use super::settings::Hidden;
use super::wire::Form;
use aws_lc_rs::hmac;
use base64::Engine as _;

/// Signs with the account's token.
pub(crate) struct Signer {
    token: Hidden,
}

impl Signer {
    pub(crate) fn new(token: Hidden) -> Self {
        Self { token }
    }

    /// The `X-Twilio-Signature` of a form posted to a URL.
    pub(crate) fn sign(&self, url: &str, form: &Form) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.token.reveal().as_bytes());
        let mut pairs: Vec<&(String, String)> = form.iter().collect();
        pairs.sort();
        pairs.dedup();
        let mut text = url.to_owned();
        for (name, value) in pairs {
            text.push_str(name);
            text.push_str(value);
        }
        base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::Signer;
    use crate::carrier::Hidden;

    #[test]
    fn the_vendors_own_examples_come_out() {
        let form = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let caller = form(&[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675310"),
            ("Caller", "+14158675310"),
            ("CallSid", "CA1234567890ABCDE"),
        ]);
        let signer = Signer::new(Hidden::new("12345"));
        let url = "https://example.com/myapp.php?foo=1&bar=2";
        assert_eq!(signer.sign(url, &caller), "L/OH5YylLD5NRKLltdqwSvS0BnU=");
    }
}
