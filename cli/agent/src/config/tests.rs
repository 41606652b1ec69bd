use super::*;

fn read(text: &str) -> Result<Settings, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let name = format!("{}: ", file.path().display());
    Settings::read(file.path()).map_err(|error| error.to_string().replace(&name, ""))
}

fn resolve(text: &str) -> Result<Config, String> {
    let settings = read(text)?;
    let resolved = settings.resolve(|device| Some(PathBuf::from(format!("/state/{device}"))));
    resolved.map_err(|error| error.to_string())
}

#[test]
fn a_file_has_the_options_keys() {
    let config = resolve(
        "device = 'ams-dz001'\nsessions = 'frr:/run/frr/a'\nmanage = true\nbird-include = '/b'\nhaproxy-servers = 'web/s1, tcp/s1'\nconverge = '90s'\nidle-rate = 2\n\
         interval = '1s'\nabsences = 3\nhook = '/h'\nhealth-check = '/c'\nhealth-interval = '1m'\n\
         listen = '127.0.0.1:9400'\nstate-directory = '/s'\nlog = 'json'\n",
    );
    let expected = Config {
        device: DeviceName::Code("ams-dz001".into()),
        sessions: Sessions::Frr("/run/frr/a".into()),
        manage: true,
        bird_include: "/b".into(),
        haproxy_servers: Servers(vec!["web/s1".into(), "tcp/s1".into()]),
        converge: Duration::from_secs(90),
        idle_rate: 2,
        interval: Duration::from_secs(1),
        absences: 3,
        hook: Some("/h".into()),
        health_check: Some("/c".into()),
        health_interval: Duration::from_secs(60),
        listen: Some("127.0.0.1:9400".parse().unwrap()),
        state_directory: "/s".into(),
    };
    assert_eq!(config, Ok(expected));
}

#[test]
fn what_is_absent_has_its_default() {
    let config = resolve("device = 'a'\nsessions = 'exec:/bin/users'\n").unwrap();
    assert_eq!(config.state_directory, PathBuf::from("/state/a"));
    assert_eq!((config.manage, config.absences), (false, 5));
    assert_eq!(config.converge, Duration::from_secs(60));
    assert_eq!(config.bird_include, PathBuf::from("/etc/bird/ebb/ebb.conf"));
}

#[test]
fn an_option_wins_over_the_file() {
    let file = read("device = 'a'\nabsences = 3\n").unwrap();
    let options = Settings {
        device: Some(DeviceName::Code("b".into())),
        ..Settings::default()
    };
    let both = options.or(file);
    assert_eq!(both.device, Some(DeviceName::Code("b".into())));
    assert_eq!(both.absences, Some(3));
}

#[test]
fn what_is_wrong_is_named() {
    for (text, problem) in [
        ("devise = 'a'", "unknown field `devise`"),
        ("converge = '10'", "the number 10 has no unit behind it"),
        (
            "sessions = 'ftp'",
            "there is no provider `ftp`; right is frr, frr:FOLDER, bird,",
        ),
        ("sessions = 'exec'", "exec takes PROGRAM: exec:PROGRAM"),
        ("device = 'Ä'", "neither a code nor a pubkey"),
        (
            "log = 'xml'",
            "unknown variant `xml`, expected `text` or `json`",
        ),
        ("absences = -1", "invalid value"),
        ("listen = 'here'", "invalid socket address"),
        ("device", "TOML parse error at line 1"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(problem), "{text}: {error}");
    }
    for (text, problem) in [
        (
            "sessions = 'frr'",
            "device is missing; right is, for example, device = \"ams-dz001\" in the file or --device ams-dz001",
        ),
        (
            "device = 'a'",
            "sessions is missing; right is, for example, sessions = \"frr\" in the file or --sessions frr",
        ),
        ("device = 'a'\nsessions = 'frr'\nabsences = 0", "absences is at least 1"),
        (
            "device = 'a'\nsessions = 'api:/s'\nmanage = true",
            "sessions of api:/s are only seen, so the agent cannot manage the device; right is manage with frr, bird or \
             haproxy",
        ),
    ] {
        assert_eq!(resolve(text), Err(problem.to_owned()), "{text}");
    }
}

#[test]
fn providers_are_read_as_they_are_written() {
    for (text, written) in [
        ("frr", "frr:/var/run/frr"),
        ("bird", "bird:/run/bird/bird.ctl"),
        ("haproxy:/run/h.sock", "haproxy:/run/h.sock"),
        ("exec:/bin/a:b", "exec:/bin/a:b"),
        ("api:/run/a.sock", "api:/run/a.sock"),
    ] {
        let sessions: Sessions = text.parse().unwrap();
        assert_eq!(sessions.to_string(), written);
        assert_eq!(written.parse(), Ok(sessions));
    }
}

#[test]
fn servers_behind_haproxy_are_named_with_their_backend() {
    let refusal = "right is BACKEND/SERVER, or several with commas between";
    for wrong in ["", "s1", "/s1", "web/", "web/s1,"] {
        assert_eq!(wrong.parse::<Servers>(), Err(refusal.to_owned()), "{wrong}");
    }
    assert_eq!(
        resolve("device = 'a'\nsessions = 'haproxy:/run/haproxy/admin.sock'\n"),
        Err(
            "haproxy-servers is missing; right is, for example, haproxy-servers = \"web/s1\" in the file or \
             --haproxy-servers web/s1"
                .to_owned()
        )
    );
}
