//! Packs a text as small as it is worth, to be kept as it came, and unpacks it again.

use std::cell::RefCell;
use std::io::{self, Read as _};

use zstd::bulk::Compressor;

/// How hard zstd tries with a page. At 9 it takes three times the time for 1 % less.
const LEVEL: i32 = 3;

/// How hard it tries with a short text, as those of feeds are: at 3 it takes half as much time again for
/// 1 % less, while of pages 5 % less is left.
const LEVEL_SHORT: i32 = 1;

/// The shortest text that is not short, in bytes.
const SHORT_BELOW: usize = 16 << 10;

/// The largest packed text that is kept. The largest of 83 article pages has 25 KiB.
pub const PACKED_MAX_BYTES: usize = 512 << 10;

/// A text, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// A zstd frame.
    pub frame: Vec<u8>,
    /// The length of the text in bytes.
    pub bytes: usize,
}

/// Packs a text; `None` if it would be larger than [`PACKED_MAX_BYTES`].
#[must_use]
pub fn pack(text: &str) -> Option<Packed> {
    thread_local! {
        /// What a compressor needs beside the text, which takes long to make.
        static COMPRESSOR: RefCell<Option<Compressor<'static>>> =
            RefCell::new(Compressor::new(LEVEL).ok());
    }
    let packed = |compressor: &mut Option<Compressor<'_>>| {
        let compressor = compressor.as_mut()?;
        let level = if text.len() < SHORT_BELOW { LEVEL_SHORT } else { LEVEL };
        compressor.set_compression_level(level).ok()?;
        compressor.compress(text.as_bytes()).ok()
    };
    let frame = COMPRESSOR.with_borrow_mut(packed)?;
    (frame.len() <= PACKED_MAX_BYTES).then_some(Packed { frame, bytes: text.len() })
}

/// The text in a zstd frame.
///
/// # Errors
/// When the frame is damaged, holds more than `max_bytes`, or no UTF-8.
pub fn unpack(frame: &[u8], max_bytes: usize) -> io::Result<String> {
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = String::new();
    zstd::Decoder::new(frame)?.take(limit).read_to_string(&mut text)?;
    if text.len() > max_bytes {
        let message = format!("the packed text is longer than {max_bytes} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC{0,200}") {
            let packed = pack(&text).unwrap();
            prop_assert_eq!(packed.bytes, text.len());
            prop_assert_eq!(unpack(&packed.frame, text.len()).unwrap(), text);
        }

        #[test]
        fn no_bytes_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            drop(unpack(&bytes, 1_000));
        }
    }

    #[test]
    fn a_text_is_never_unpacked_beyond_the_limit() {
        let packed = pack(&"a".repeat(10_000_000)).unwrap();
        assert!(packed.frame.len() < 2_000);
        let error = unpack(&packed.frame, 9_999_999).unwrap_err();
        assert!(error.to_string().contains("longer than 9999999 bytes"), "{error}");
    }

    #[test]
    fn what_cannot_be_packed_small_is_not_kept() {
        let mut noise = String::new();
        let mut state = 1_u64;
        while noise.len() < 4 * PACKED_MAX_BYTES {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            noise.extend(char::from_u32(0x4e00 + u32::try_from(state >> 52).unwrap()));
        }
        assert_eq!(pack(&noise), None);
    }
}
