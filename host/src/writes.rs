//! Which functions change something at the vendor.
//!
//! Where such a call ends without an answer, the change may have happened all the same.

/// The functions that the contract calls a write.
const WRITES: [&str; 9] = [
    "email-lists.entry-add",
    "email-lists.entry-remove",
    "incidents.incident-add-message",
    "incidents.incident-create",
    "tickets.ticket-add-comment",
    "tickets.ticket-add-tag",
    "tickets.ticket-assign-owner",
    "tickets.ticket-set-status",
    "workflows.workflow-run",
];

pub(crate) fn is_write(function: &str) -> bool {
    WRITES.contains(&function)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `interface.function` of each function whose description says that it is a write.
    fn writes(contract: &str) -> Vec<String> {
        let (mut interface, mut description, mut writes) = ("", String::new(), Vec::new());
        for line in contract.lines().map(str::trim) {
            if let Some(said) = line.strip_prefix("///") {
                description.push_str(said);
            } else if let Some(name) = line.strip_prefix("interface ") {
                interface = name.trim_end_matches(" {");
                description.clear();
            } else if !line.starts_with('@') {
                if let Some((function, _)) =
                    line.split_once(": func(").filter(|_| description.contains("A write:"))
                {
                    writes.push(format!("{interface}.{function}"));
                }
                description.clear();
            }
        }
        writes
    }

    #[test]
    fn they_are_those_of_the_contract() {
        let directory = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../wit")).unwrap();
        let files = directory.map(|entry| entry.unwrap().path());
        let contracts = files.filter(|file| file.extension().is_some_and(|extension| extension == "wit"));
        let mut found: Vec<String> =
            contracts.flat_map(|file| writes(&std::fs::read_to_string(file).unwrap())).collect();
        found.sort();
        assert_eq!(found, WRITES);
    }
}
