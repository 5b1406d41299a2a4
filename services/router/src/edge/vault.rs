//! Sealing and unsealing under per-contact keys, each in a slot of the slot file, wrapped by the master key.
//!
//! Slots are made in pools, synced before any of them is used. A slot that is zeroed is gone: what was sealed under it cannot be
//! read by anybody, in the journal, in a snapshot or in a backup of either.

use super::master::{MasterKey, MasterKeyError};
use super::personal::Personal;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use holdfast_core::sealed::{KeySlot, Sealed};
use holdfast_journal::slots::{SlotError, SlotFile, WRAPPED_BYTES};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// How many slots are made at a time: one sync for that many contacts.
pub const POOL: usize = 256;
/// How many unwrapped keys are kept in memory. Beyond it all are dropped and unwrapped again as needed.
pub const KEYS_MAX: usize = 16_384;

/// Something could not be sealed or unsealed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The slot is zeroed: its person was erased.
    #[error("erased")]
    Erased,
    /// The key or the ciphertext is not what it was.
    #[error("slot {0} does not open: the master key is another one, or the file is damaged")]
    DoesNotOpen(u64),
    /// The slot file failed.
    #[error("the slot file failed")]
    Slots(#[from] SlotError),
    /// The master key failed.
    #[error(transparent)]
    Master(#[from] MasterKeyError),
    /// The system gave no randomness.
    #[error("the system gave no randomness")]
    NoRandomness,
}

/// The slots and the key that wraps them.
pub struct Vault {
    wrap: LessSafeKey,
    inner: Mutex<Inner>,
}

struct Inner {
    slots: SlotFile,
    /// Durable and used by nobody yet, with their keys.
    fresh: VecDeque<(u64, Zeroizing<[u8; 32]>)>,
    keys: BTreeMap<u64, Zeroizing<[u8; 32]>>,
}

impl Inner {
    fn keep(&mut self, slot: u64, key: Zeroizing<[u8; 32]>) {
        if self.keys.len() >= KEYS_MAX {
            self.keys.clear();
        }
        self.keys.insert(slot, key);
    }
}

impl Vault {
    /// Opens the slots. What an earlier run claimed but never used is not handed out again.
    ///
    /// # Errors
    /// If no key can be derived from the master key.
    pub fn new(master: &MasterKey, slots: SlotFile) -> Result<Self, VaultError> {
        let wrap = aead_key(&*master.derive(b"slots")?)?;
        Ok(Self { wrap, inner: Mutex::new(Inner { slots, fresh: VecDeque::new(), keys: BTreeMap::new() }) })
    }

    /// A slot nobody has used, its key durable.
    ///
    /// # Errors
    /// If the pool is empty and cannot be filled.
    pub fn claim(&self) -> Result<KeySlot, VaultError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.fresh.is_empty() {
            let first = inner.slots.len();
            let (mut keys, mut wrapped) = (VecDeque::with_capacity(POOL), Vec::with_capacity(POOL));
            for slot in (first..).take(POOL) {
                let mut key = Zeroizing::new([0_u8; 32]);
                rand::fill(key.as_mut()).map_err(|_| VaultError::NoRandomness)?;
                wrapped.push(self.wrap(slot, &key)?);
                keys.push_back((slot, key));
            }
            inner.slots.extend(&wrapped)?;
            inner.fresh = keys;
        }
        let (slot, key) = inner.fresh.pop_front().ok_or(VaultError::NoRandomness)?;
        inner.keep(slot, key);
        Ok(KeySlot(slot))
    }

    /// Seals something under a slot. What it belongs to (the slot's number) is bound into it.
    ///
    /// # Errors
    /// `Erased` if the slot is zeroed.
    pub fn seal(&self, slot: KeySlot, clear: &Personal) -> Result<Sealed, VaultError> {
        let key = self.key(slot.0)?;
        let ciphertext = encrypt(&aead_key(&key)?, slot.0, clear.expose().as_bytes())?;
        Ok(Sealed { slot, ciphertext: ciphertext.into() })
    }

    /// Opens something sealed.
    ///
    /// # Errors
    /// `Erased` if the slot is zeroed, `DoesNotOpen` if it is damaged.
    pub fn unseal(&self, sealed: &Sealed) -> Result<Personal, VaultError> {
        let key = self.key(sealed.slot.0)?;
        let clear = decrypt(&aead_key(&key)?, sealed.slot.0, &sealed.ciphertext)?;
        let text = String::from_utf8(clear).map_err(|_| VaultError::DoesNotOpen(sealed.slot.0))?;
        Ok(Personal::new(text))
    }

    /// Zeroes slots, for ever. Doing it again changes nothing.
    ///
    /// # Errors
    /// If the file cannot be written and synced.
    pub fn erase(&self, slots: &[KeySlot]) -> Result<(), VaultError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<u64> = slots.iter().map(|slot| slot.0).collect();
        for number in &numbers {
            inner.keys.remove(number);
        }
        inner.slots.zero(&numbers)?;
        Ok(())
    }

    fn key(&self, slot: u64) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = inner.keys.get(&slot) {
            return Ok(key.clone());
        }
        let wrapped = inner.slots.read(slot)?.ok_or(VaultError::Erased)?;
        let clear = Zeroizing::new(decrypt(&self.wrap, slot, &wrapped)?);
        let mut key = Zeroizing::new([0_u8; 32]);
        if clear.len() != key.len() {
            return Err(VaultError::DoesNotOpen(slot));
        }
        key.copy_from_slice(&clear);
        inner.keep(slot, key.clone());
        Ok(key)
    }

    fn wrap(&self, slot: u64, key: &[u8; 32]) -> Result<[u8; WRAPPED_BYTES], VaultError> {
        let wrapped = encrypt(&self.wrap, slot, key)?;
        wrapped.try_into().map_err(|_| VaultError::DoesNotOpen(slot))
    }
}

fn aead_key(key: &[u8; 32]) -> Result<LessSafeKey, VaultError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| VaultError::NoRandomness)
}

/// Nonce, ciphertext, tag; the slot's number is authenticated.
fn encrypt(key: &LessSafeKey, slot: u64, clear: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0_u8; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
    let mut body = clear.to_vec();
    let aad = Aad::from(slot.to_be_bytes());
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut body)
        .map_err(|_| VaultError::DoesNotOpen(slot))?;
    let mut whole = nonce.to_vec();
    whole.append(&mut body);
    Ok(whole)
}

fn decrypt(key: &LessSafeKey, slot: u64, whole: &[u8]) -> Result<Vec<u8>, VaultError> {
    let broken = || VaultError::DoesNotOpen(slot);
    let (nonce, body) = whole.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
    let mut body = body.to_vec();
    let clear = key.open_in_place(nonce, Aad::from(slot.to_be_bytes()), &mut body).map_err(|_| broken())?;
    let length = clear.len();
    body.truncate(length);
    Ok(body)
}
