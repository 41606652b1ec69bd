//! `ebb location import`

use {
    super::create,
    crate::{
        context::Context,
        error::{CliError, Exit},
        input::{
            csv_file::{CsvColumns, CsvError, CsvRow},
            parallel::ParallelArgs,
            source, value,
        },
        render::Item,
        workflow::import::{import, Lines},
    },
    ebb_sdk::{
        fleet::{FleetError, RowReport},
        instruction::CreateLocation,
    },
    std::path::PathBuf,
};

const COLUMNS: CsvColumns = CsvColumns {
    required: &["code", "name", "country", "lat", "lng"],
    optional: &["min_activated"],
};

/// Create the locations of a CSV file
///
/// The first line is code,name,country,lat,lng[,min_activated]; semicolons or tabs may stand for the commas. The text is
/// UTF-8 or UTF-16. A line that is wrong or refused is reported by its number and the others go on. What is there already
/// stays, so a file can be imported again.
#[derive(clap::Args, Debug)]
#[command(args = crate::input::signing::signing(), after_long_help = "\
Examples:
  ebb location import locations.csv

  code,name,country,lat,lng,min_activated
  ams,Amsterdam,NL,52.3,4.94,1")]
pub struct Args {
    /// The file, or `-` for stdin
    #[arg(value_name = "FILE.csv", value_parser = value::path_parser())]
    file: PathBuf,

    #[command(flatten)]
    parallel: ParallelArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.require_single(false, "an import may take several transactions")?;
    let lines = source::read(&args.file, &COLUMNS, parse)?;
    let readable = lines.iter().filter_map(|line| line.content.as_ref().ok());
    let fleet = context.fleet().parallel(args.parallel.into());
    let run = fleet.import_locations(readable.cloned().collect());
    import(context, create::ACTION, &lines, run, &Locations(context)).await
}

struct Locations<'a>(&'a Context);

impl Lines<CreateLocation> for Locations<'_> {
    fn created(&self, wanted: &CreateLocation, report: &RowReport) -> Item {
        create::created(wanted, report.transaction.signature().as_ref())
    }

    fn existing(&self, wanted: &CreateLocation, _: &RowReport) -> Item {
        create::existing(&wanted.code)
    }

    async fn explain(
        &self,
        wanted: &CreateLocation,
        report: &RowReport,
        failure: &FleetError,
    ) -> CliError {
        create::explain(self.0, wanted, &report.address, failure).await
    }
}

fn parse(row: &CsvRow) -> Result<CreateLocation, CsvError> {
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
        let lines = read(*include_bytes!("../../../data/locations.csv"));
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
