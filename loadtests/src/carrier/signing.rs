//! Signs hooks as the carrier does: one call into the codec, the only code that both ends of the wire share.

use super::settings::Hidden;
use super::wire::Form;
use holdfast_carrier_codec::secret::{Secret, SecretRefusal};
use holdfast_carrier_codec::twilio::signature::{Algorithm, sign_form};

/// Signs with the account's token.
pub(crate) struct Signer {
    token: Secret,
}

impl Signer {
    pub(crate) fn new(token: &Hidden) -> Result<Self, SecretRefusal> {
        Ok(Self { token: Secret::new(token.reveal())? })
    }

    /// The `X-Twilio-Signature` of a form posted to a URL.
    pub(crate) fn sign(&self, url: &str, form: &Form) -> String {
        sign_form(Algorithm::HmacSha1, &self.token, url, form)
    }
}

#[cfg(test)]
mod tests {
    use super::Signer;
    use crate::carrier::Hidden;

    #[test]
    fn the_vendors_own_example_comes_out() {
        let form = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let example = form(&[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675310"),
            ("Caller", "+14158675310"),
            ("CallSid", "CA1234567890ABCDE"),
        ]);
        let signer = Signer::new(&Hidden::new("12345")).unwrap();
        let url = "https://example.com/myapp.php?foo=1&bar=2";
        assert_eq!(signer.sign(url, &example), "L/OH5YylLD5NRKLltdqwSvS0BnU=");
        assert!(Signer::new(&Hidden::new("")).is_err());
    }
}
