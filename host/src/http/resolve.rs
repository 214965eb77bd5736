//! Names of hosts as addresses that are out in the world.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

/// Resolves names, and refuses those that lead into a private network: a name that someone else holds in
/// hand must not open the machine's own surroundings, as the metadata service of a cloud.
#[derive(Clone)]
pub(super) struct Resolver {
    private: bool,
}

impl Resolver {
    /// With `private`, addresses of any kind will do.
    pub(super) fn new(private: bool) -> Self {
        Self { private }
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let any = self.private;
        Box::pin(async move {
            let found = look_up(name.as_str()).await?;
            reachable(name.as_str(), found, any).map(Vec::into_iter)
        })
    }
}

/// What the system knows of a name.
async fn look_up(name: &str) -> io::Result<Vec<SocketAddr>> {
    #[cfg(test)]
    if name == "private.test" {
        return Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]);
    }
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

/// The addresses that may be connected to.
fn reachable(name: &str, found: Vec<SocketAddr>, any: bool) -> io::Result<Vec<SocketAddr>> {
    let local = is_this_machine(name);
    let may_be = |address: IpAddr| match local {
        true => address.is_loopback(),
        false => is_public(address),
    };
    let (open, closed): (Vec<_>, Vec<_>) = found.into_iter().partition(|at| any || may_be(at.ip()));
    match (open.is_empty(), closed.first()) {
        (true, Some(closed)) => {
            let (address, kind) = (closed.ip(), if local { "loopback" } else { "public" });
            tracing::warn!("{name} is {address}, which is no {kind} address: not connected");
            let message = format!("{name} leads to {address}, which is no {kind} address");
            Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
        }
        _ => Ok(open),
    }
}

/// `localhost` is as good as an address, and never another machine's (RFC 6761, 6.3).
fn is_this_machine(name: &str) -> bool {
    name.trim_end_matches('.').eq_ignore_ascii_case("localhost")
}

/// Whether an address is out in the world, by the registries of special addresses (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || first == 0
        || first >= 240
        || (first == 100 && second & 0xc0 == 64)
        || (first == 198 && second & 0xfe == 18)
        || (first, second, third) == (192, 0, 0)
        // What Azure answers its machines at, beside 169.254.169.254.
        || address == Ipv4Addr::new(168, 63, 129, 16))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, fourth, fifth, sixth, high, low] = address.segments();
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    let embedded = is_public_v4(Ipv4Addr::new(a, b, c, d));
    match (first, second, third, fourth, fifth, sixth) {
        // An address of version 4, written as one of version 6 or behind a translator.
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => embedded,
        // A relay that carries version 4.
        (0x2002, ..) => {
            let [a, b] = second.to_be_bytes();
            let [c, d] = third.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        (0x2001, second, ..) if second < 0x200 || second == 0xdb8 => false,
        // What is out in the world begins with the bits 001.
        _ => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_this_machine_and_no_other() {
        let at = |address: &str| vec![SocketAddr::new(address.parse().unwrap(), 0)];
        for (address, allowed) in
            [("127.0.0.1", true), ("::1", true), ("10.0.0.1", false), ("8.8.8.8", false)]
        {
            assert_eq!(reachable("localhost", at(address), false).is_ok(), allowed, "{address}");
            assert!(reachable("LOCALHOST.", at(address), true).is_ok());
        }
    }

    #[test]
    fn addresses_out_in_the_world_are_told_from_all_others() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("100.63.255.255", true),
            ("172.32.0.1", true),
            ("192.0.1.1", true),
            ("198.20.0.1", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("168.63.129.16", false),
            ("100.127.255.255", false),
            ("127.0.0.1", false),
            ("127.1.2.3", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.168.0.1", false),
            ("198.18.0.1", false),
            ("198.19.0.1", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700::1111", true),
            ("2a00:1450:4001::200e", true),
            ("64:ff9b::8.8.8.8", true),
            ("::ffff:8.8.8.8", true),
            ("2002:808:808::1", true),
            ("::", false),
            ("::1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::10.0.0.1", false),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b:1::8.8.8.8", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:a00:1::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn private_addresses_of_a_name_are_left_out_or_the_name_is_refused() {
        let at = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect()
        };
        assert_eq!(reachable("a", at(&["10.0.0.1", "8.8.8.8"]), false).unwrap(), at(&["8.8.8.8"]));
        assert_eq!(reachable("a", at(&["10.0.0.1"]), true).unwrap(), at(&["10.0.0.1"]));
        assert!(reachable("a", Vec::new(), false).unwrap().is_empty());
        let refused = reachable("a", at(&["169.254.169.254", "::1"]), false).unwrap_err();
        assert_eq!(refused.to_string(), "a leads to 169.254.169.254, which is no public address");
    }

    #[tokio::test]
    async fn this_machine_is_found_by_its_name() {
        let found = Resolver::new(false).call("localhost".parse().unwrap()).await.unwrap();
        assert!(found.into_iter().all(|at| at.ip().is_loopback()));
        for (name, is) in [("LocalHost.", true), ("localhost.example.com", false), ("127.example.com", false)]
        {
            assert_eq!(is_this_machine(name), is, "{name}");
        }
    }
}
