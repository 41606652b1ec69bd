//! The style and the script of the page. The page names each with a hash of its content, and browsers keep that.

use {
    super::super::{
        documentation::Problems,
        parameters::{pairs, unknown},
        problem::Problem,
    },
    axum::{
        http::{header, Uri},
        response::{IntoResponse, Response},
    },
    sha2::{Digest, Sha256},
    std::sync::LazyLock,
};

/// Pico.css, and behind it what is this page's own.
const CSS: &str = concat!(
    include_str!("../../../assets/pico.min.css"),
    "\n",
    include_str!("../../../assets/page.css")
);
const JS: &str = include_str!("../../../assets/page.js");

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("/assets/page.css", "text/css; charset=utf-8", CSS));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("/assets/page.js", "text/javascript; charset=utf-8", JS));

struct Asset {
    hash: String,
    address: String,
    media_type: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(path: &str, media_type: &'static str, text: &'static str) -> Self {
        let digest = Sha256::digest(text);
        let bytes = digest.iter().take(8);
        let hash: String = bytes.map(|byte| format!("{byte:02x}")).collect();
        Self {
            address: format!("{path}?v={hash}"),
            hash,
            media_type,
            text,
        }
    }

    /// Answers with the content, which is of its hash for ever; without a hash, or with another's, it is kept no longer
    /// than the server has it.
    fn answer(&self, uri: &Uri) -> Result<Response, Problem> {
        let mut caching = "no-cache";
        for (name, value) in pairs(uri)? {
            match name.as_str() {
                "v" if value == self.hash => caching = "public, max-age=31536000, immutable",
                "v" => {}
                _ => return Err(unknown(&name, ["v"])),
            }
        }
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CACHE_CONTROL, caching),
        ];
        Ok((headers, self.text).into_response())
    }
}

/// Returns the address of the style.
pub fn style() -> &'static str {
    &STYLE.address
}

/// Returns the address of the script.
pub fn script() -> &'static str {
    &SCRIPT.address
}

/// Get the page's style
#[utoipa::path(
    get, path = "/assets/page.css", operation_id = "getPageStyle", tag = "page",
    params(("v" = Option<String>, Query, description = "The hash of the content, as the page has it")),
    responses((status = 200, description = "The style", content_type = "text/css", body = String), Problems),
)]
pub async fn get_style(uri: Uri) -> Result<Response, Problem> {
    STYLE.answer(&uri)
}

/// Get the page's script
#[utoipa::path(
    get, path = "/assets/page.js", operation_id = "getPageScript", tag = "page",
    params(("v" = Option<String>, Query, description = "The hash of the content, as the page has it")),
    responses((status = 200, description = "The script", content_type = "text/javascript", body = String), Problems),
)]
pub async fn get_script(uri: Uri) -> Result<Response, Problem> {
    SCRIPT.answer(&uri)
}
