#![no_main]

mod caught;

libfuzzer_sys::fuzz_target!(init: caught::end_at_uncaught_panics(), |bytes: &[u8]| promises::reading::hold(bytes));
