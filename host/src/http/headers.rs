//! Header fields that pass between the component and the service: those that either side reads. All others stay
//! behind, with them what belongs to one connection, cookies, and what would speak to a proxy.

use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER,
};

/// What the component may say.
pub(super) const OF_REQUESTS: [HeaderName; 4] = [ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE];

/// What the component is told.
pub(super) const OF_ANSWERS: [HeaderName; 4] = [CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER];

/// Removes all other fields.
pub(super) fn keep(names: &[HeaderName], headers: &mut HeaderMap) {
    let others: Vec<HeaderName> = headers.keys().filter(|name| !names.contains(name)).cloned().collect();
    for name in others {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(names: &[HeaderName]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for name in [
            "accept",
            "authorization",
            "connection",
            "content-length",
            "content-type",
            "cookie",
            "date",
            "forwarded",
            "host",
            "proxy-authorization",
            "retry-after",
            "set-cookie",
            "transfer-encoding",
            "x-http-method-override",
        ] {
            headers.append(name.parse::<HeaderName>().unwrap(), "1".parse().unwrap());
            headers.append(name.parse::<HeaderName>().unwrap(), "2".parse().unwrap());
        }
        keep(names, &mut headers);
        let mut left: Vec<String> = headers.keys().map(ToString::to_string).collect();
        left.sort_unstable();
        left
    }

    #[test]
    fn only_what_is_used_passes() {
        assert_eq!(left(&OF_REQUESTS), ["accept", "authorization", "content-length", "content-type"]);
        assert_eq!(left(&OF_ANSWERS), ["content-length", "content-type", "date", "retry-after"]);
    }
}
