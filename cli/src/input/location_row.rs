//! A location as a line of a file describes it.

use {
    crate::input::{
        csv_file::{CsvColumns, CsvError, CsvRow},
        value,
    },
    ebb_sdk::instruction::CreateLocation,
};

/// The columns of the file.
pub const COLUMNS: CsvColumns = CsvColumns {
    required: &["code", "name", "country", "lat", "lng"],
    optional: &["min_activated"],
};

/// Reads a line.
///
/// # Errors
/// A field is missing or wrong.
pub fn parse(row: &CsvRow) -> Result<CreateLocation, CsvError> {
    Ok(CreateLocation {
        code: row.parse("code", value::code)?.as_str().into(),
        name: row.parse("name", value::name)?.as_str().into(),
        country: row.parse("country", value::country)?,
        latitude: row.parse("lat", value::latitude)?,
        longitude: row.parse("lng", value::longitude)?,
        min_activated: row
            .parse_optional("min_activated", value::number)?
            .unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::input::csv_file::{CsvFile, Line},
    };

    fn read(file: impl Into<Vec<u8>>) -> Vec<Line<CreateLocation>> {
        let file = CsvFile::new(file.into()).unwrap();
        file.read(&COLUMNS, parse).unwrap()
    }

    #[test]
    fn the_published_locations_are_sound() {
        let lines = read(*include_bytes!("../../data/locations.csv"));
        assert!(!lines.is_empty());
        assert!(lines.iter().all(|line| line.content.is_ok()));
    }

    #[test]
    fn a_wrong_field_names_its_column_and_a_right_example() {
        for (row, wrong) in [
            ("AMS,Amsterdam,NL,52.3,4.94,1", "code `AMS`: "),
            ("ams,,NL,52.3,4.94,1", "name ``: "),
            ("ams,Amsterdam,nl,52.3,4.94,1", "country `nl`: "),
            ("ams,Amsterdam,NL,91,4.94,1", "lat `91`: "),
            ("ams,Amsterdam,NL,52.3,x,1", "lng `x`: "),
            ("ams,Amsterdam,NL,52.3,4.94,-1", "min_activated `-1`: "),
        ] {
            let lines = read(format!("code,name,country,lat,lng,min_activated\n{row}\n"));
            let error = lines[0].content.as_ref().unwrap_err().to_string();
            assert!(error.starts_with(wrong), "{error}");
            assert!(error.contains(", as in "), "{error}");
        }
    }

    #[test]
    fn the_budget_may_be_left_out() {
        let lines = read("code,name,country,lat,lng\nams,Amsterdam,NL,52.3,4.94\n");
        assert_eq!(
            lines[0].content.as_ref().map(|wanted| wanted.min_activated),
            Ok(0)
        );
    }

    #[test]
    fn a_semicolon_file_has_decimal_commas() {
        let lines = read("code;name;country;lat;lng\r\nams;Amsterdam;NL;52,3;4,94\r\n");
        let wanted = lines[0].content.as_ref().unwrap();
        assert_eq!((wanted.latitude, wanted.longitude), (52_300_000, 4_940_000));
    }
}
