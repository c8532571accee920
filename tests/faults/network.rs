//! **network gone**: for hours no name is known, or nobody answers; then all is as before.
//!
//! Names are looked up where we say, in a namespace of its own. Where there is none, feeds lead to a
//! port that nobody listens at. Hours pass by moving what the file remembers into the past.

use std::net::TcpListener;
use std::time::Instant;

use super::arguments::Arguments;
use super::chamber::Chamber;
use super::harness::Reply;
use super::site::{Account, DUE, Site};
use super::table::{Finding, Recovered};

/// How long an outage lasts.
const HOURS: usize = 14;

/// How often a feed is asked in that time at least and at most: after 1, 2, 4 and 8 hours more or less,
/// as hours pass in whole numbers here.
const ASKED: std::ops::RangeInclusive<usize> = 3..=5;

/// The longest rest of a feed that fails, with its jitter.
const LONGEST_REST_H: usize = 26;

const AN_HOUR_PASSES: &str = "UPDATE feeds SET
    next_poll_at = strftime('%Y-%m-%dT%H:%M:%SZ', next_poll_at, '-1 hour'),
    last_poll_at = strftime('%Y-%m-%dT%H:%M:%SZ', last_poll_at, '-1 hour')";

/// Nobody listens there, so that asking fails at once.
const NO_NAME_SERVER: &str = "nameserver 127.9.9.9\noptions timeout:1 attempts:1\n";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outage {
    /// No name is known.
    Names,
    /// Names lead to hosts that refuse to be connected to.
    Refusal,
}

pub(crate) async fn provoke(arguments: &Arguments) -> Finding {
    let mut chance = arguments.chance("network-gone");
    let mut finding = Finding::default();
    for _ in 0..arguments.times(1, 4) {
        for outage in [Outage::Names, Outage::Refusal] {
            let mut site = Site::open(arguments, &mut chance).await;
            let net = Net::of(&site);
            net.come_back(&site);
            site.ingest.write("resolv.conf", NO_NAME_SERVER);
            match Chamber::with_names(site.ingest.path("").as_path()).await {
                Ok(chamber) => {
                    site.declare(&net.named);
                    go_through(&mut site, &net, outage, Some(chamber), &mut finding).await;
                }
                Err(why) if outage == Outage::Names => {
                    finding.skipped.push(format!("names that nobody knows: {why}"));
                }
                Err(_) => go_through(&mut site, &net, outage, None, &mut finding).await,
            }
        }
    }
    finding
}

/// What the program knows the feeds' hosts as.
struct Net {
    /// The feeds with names for hosts.
    named: Vec<String>,
    /// A line of `hosts` for each: the address, and the name.
    hosts: Vec<(String, String)>,
}

impl Net {
    fn of(site: &Site) -> Self {
        let mut net = Self { named: Vec::new(), hosts: Vec::new() };
        for url in &site.farm.urls {
            let address = url.trim_start_matches("http://").split(':').next().unwrap();
            let name = format!("paper{}.test", address.rsplit('.').next().unwrap());
            net.named.push(url.replace(address, &name));
            if net.hosts.iter().all(|(known, _)| known != address) {
                net.hosts.push((address.to_owned(), name));
            }
        }
        net
    }

    fn go(&self, site: &Site, outage: Outage, has_names: bool) {
        match outage {
            Outage::Names => site.ingest.write("hosts", ""),
            // Nobody listens at that address, whatever the port.
            Outage::Refusal if has_names => self.write_hosts(site, |_| "127.9.9.9"),
            Outage::Refusal => {
                let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
                let to = format!("http://{closed}/");
                for feed in 0..site.farm.urls.len() {
                    site.farm.answer(feed, |_| Reply::redirect(302, &to));
                }
            }
        }
    }

    fn come_back(&self, site: &Site) {
        self.write_hosts(site, |address| address);
        (0..site.farm.urls.len()).for_each(|feed| site.farm.serve(feed));
    }

    fn write_hosts<'a>(&'a self, site: &Site, address: impl Fn(&'a str) -> &'a str) {
        let line = |(known, name): &'a (String, String)| format!("{} {name}\n", address(known));
        site.ingest.write("hosts", &self.hosts.iter().map(line).collect::<String>());
    }
}

async fn go_through(
    site: &mut Site,
    net: &Net,
    outage: Outage,
    chamber: Option<Chamber>,
    finding: &mut Finding,
) {
    let launcher = chamber.as_ref().map(Chamber::enter).unwrap_or_default();
    let launcher: Vec<&str> = launcher.iter().map(String::as_str).collect();
    let output = site.start_by(&launcher, &DUE).wait().await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    let (before, polls) = (site.stored(), site.polls());
    for hour in 0..HOURS {
        if hour % 4 == 0 {
            site.farm.publish();
        }
        net.go(site, outage, chamber.is_some());
        site.execute(AN_HOUR_PASSES);
        let output = site.start_by(&launcher, &DUE).wait().await;
        let words =
            if outage == Outage::Names { "cannot find the host" } else { "cannot connect to" };
        assert!(output.code == 0 || output.stderr.contains(words), "{}", output.stderr);
    }
    let asked = (site.polls() - polls) / site.farm.urls.len();
    assert!(ASKED.contains(&asked), "each feed was asked {asked} times in {HOURS} hours");
    finding.lost += site.missing(&before);
    net.come_back(site);
    let began = Instant::now();
    let mut hours = 0;
    while site.account() != Account::default() && hours < LONGEST_REST_H {
        hours += 1;
        site.execute(AN_HOUR_PASSES);
        site.start_by(&launcher, &DUE).wait().await;
    }
    let (account, took) = (site.account(), began.elapsed());
    finding.runs += 1;
    finding.lost += account.lost;
    finding.doubled += account.doubled;
    let is_back = account == Account::default();
    finding.add(is_back.then_some(Recovered { passes: hours, took }));
    site.check_integrity();
    let what = if outage == Outage::Names { "no names" } else { "refused" };
    finding.notes.push(format!(
        "{what} for {HOURS} hours: each feed asked {asked} times; all was there {hours} hours after, \
         a pass an hour"
    ));
}
