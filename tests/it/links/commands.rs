//! People can see what waits, and have it tried again.
