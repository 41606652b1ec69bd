//! Names like one that is not there.

/// How like a listed code must be to be suggested, from 0 to 1.
const LIKENESS: f64 = 0.8;
/// How many codes are suggested at most.
const SUGGESTIONS: usize = 3;

/// The names most like one, the likest first.
pub fn similar<'a>(wanted: &str, codes: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut similar: Vec<(f64, &str)> = codes
        .map(|code| (strsim::jaro_winkler(wanted, code), code))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .collect();
    similar.sort_by(|(a, first), (b, second)| b.total_cmp(a).then(first.cmp(second)));
    similar
        .into_iter()
        .map(|(_, code)| code)
        .take(SUGGESTIONS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_likest_codes() {
        let codes = [
            "fra-dz001",
            "ams-dz001",
            "ams-dz002",
            "ams-dz010",
            "ams-dz011",
        ];
        assert_eq!(similar("fra-dz002", codes.into_iter())[0], "fra-dz001");
        let like_ams = similar("ams-dz01", codes.into_iter());
        assert_eq!(like_ams.len(), SUGGESTIONS);
        assert!(
            like_ams.iter().all(|code| code.starts_with("ams")),
            "{like_ams:?}"
        );
        assert!(similar("nyc", codes.into_iter()).is_empty());
    }
}
