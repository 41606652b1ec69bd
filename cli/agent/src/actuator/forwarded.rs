//! How many packets the kernel has forwarded.

use {crate::Unknown, std::fs};

/// Packets of IPv4 and IPv6 that were forwarded in the network namespace of this process since it was made.
pub fn by_kernel() -> Result<u64, Unknown> {
    let four = read("/proc/thread-self/net/snmp")
        .and_then(|text| in_table(&text, "Ip:", "ForwDatagrams"))?;
    // A kernel without IPv6 has no such file, and forwards none.
    let six = fs::read_to_string("/proc/thread-self/net/snmp6").unwrap_or_default();
    Ok(four + in_list(&six, "Ip6OutForwDatagrams").unwrap_or(0))
}

fn read(file: &str) -> Result<String, Unknown> {
    fs::read_to_string(file).map_err(|error| Unknown::because(format!("{file}: {error}")))
}

/// A value of a table with a line of names and a line of values, both of which begin with a protocol.
fn in_table(text: &str, protocol: &str, name: &str) -> Result<u64, Unknown> {
    let mut lines = text.lines().filter(|line| line.starts_with(protocol));
    lines
        .next()
        .zip(lines.next())
        .and_then(|(names, values)| {
            let (_, value) = names
                .split(' ')
                .zip(values.split(' '))
                .find(|(column, _)| *column == name)?;
            value.parse().ok()
        })
        .ok_or_else(|| Unknown::because(format!("the kernel does not count {name}")))
}

/// A value of a list with a name and a value on each line.
fn in_list(text: &str, name: &str) -> Option<u64> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_the_name_above_it() {
        let text =
            "Ip: Forwarding DefaultTTL ForwDatagrams\nIp: 1 64 4711\nIcmp: InMsgs\nIcmp: 3\n";
        assert_eq!(in_table(text, "Ip:", "ForwDatagrams"), Ok(4_711));
        assert_eq!(
            in_table(text, "Icmp:", "ForwDatagrams"),
            Err(Unknown::because("the kernel does not count ForwDatagrams"))
        );
    }

    #[test]
    fn a_value_is_found_in_a_list() {
        assert_eq!(
            in_list(
                "Ip6InReceives  12\nIp6OutForwDatagrams \t 7\n",
                "Ip6OutForwDatagrams"
            ),
            Some(7)
        );
        assert_eq!(in_list("", "Ip6OutForwDatagrams"), None);
    }
}
