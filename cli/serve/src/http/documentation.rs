//! The OpenAPI document, which is made from the routes.

use {
    super::{
        parameters::none,
        problem::{Problem, ProblemJson, MEDIA_TYPE},
        state::Shared,
    },
    axum::{
        extract::State,
        http::{header, Uri},
        response::{IntoResponse, Response},
    },
    std::collections::BTreeMap,
    utoipa::{
        openapi::{
            self,
            security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
            Content, Ref, RefOr, ResponseBuilder,
        },
        IntoResponses, Modify, OpenApi,
    },
};

/// What stands before the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ebb",
        description = "Network devices, what happens to them, and what may be done with them: a view of the ledger, which alone is the truth.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    components(schemas(ProblemJson)),
    modifiers(&TokenScheme),
    security((), ("bearer" = []), ("basic" = [])),
    tags(
        (name = "devices", description = "Devices and their changes"),
        (name = "history", description = "What happened, who did it and why"),
        (name = "locations", description = "Locations and their disruption budgets"),
        (name = "contributors", description = "Who owns devices"),
        (name = "registry", description = "Who runs the network, and by which policy"),
        (name = "lifecycle", description = "Who may do what, and when"),
        (name = "transactions", description = "Transactions that others signed"),
        (name = "page", description = "For people who look"),
        (name = "operation", description = "For those who run the server"),
    ),
)]
struct Head;

/// The token that a server may ask for.
struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let basic = HttpBuilder::new()
            .scheme(HttpAuthScheme::Basic)
            .description(Some(
                "As browsers ask for it: any name, and the token as the password. For GET and HEAD alone.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("basic", SecurityScheme::Http(basic));
    }
}

/// The document without routes.
pub fn head() -> openapi::OpenApi {
    Head::openapi()
}

/// Get this document
#[utoipa::path(
    get, path = "/api/v1/openapi.json", operation_id = "getOpenApi", tag = "operation",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value), Problems),
)]
pub async fn get(State(shared): State<Shared>, uri: Uri) -> Result<Response, Problem> {
    none(&uri)?;
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, shared.document.clone()).into_response())
}

/// What any route may answer.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        problems(&[
            ("400", "A parameter is not as it must be"),
            ("401", "The server asks for a token"),
            ("404", "There is no such thing"),
            ("406", "The client does not take what is answered"),
            ("413", "The body is too long"),
            ("414", "The address is too long"),
            ("431", "The headers are too long"),
            (
                "503",
                "The ledger or the history could not be read, or the server is busy",
            ),
        ])
    }
}

/// What a stream of changes may answer.
pub struct StreamProblems;

impl IntoResponses for StreamProblems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        problems(&[("410", "The position is not known: list again")])
    }
}

/// What a route of the history may answer.
pub struct HistoryProblems;

impl IntoResponses for HistoryProblems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        problems(&[(
            "410",
            "The cursor is of another store, or of what is not there: list again",
        )])
    }
}

/// What the relay may answer.
pub struct RelayProblems;

impl IntoResponses for RelayProblems {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        problems(&[
            (
                "409",
                "The program refuses it as things are, or it expired and never landed",
            ),
            ("415", "The body is not JSON"),
            (
                "422",
                "It is not signed, not of this program alone, or never accepted",
            ),
            ("429", "The address sends too many"),
            (
                "502",
                "The cluster refuses to serve, or keeps no history to say whether an expired one landed",
            ),
            ("504", "It was sent, and the cluster has not confirmed it"),
        ])
    }
}

fn problems(all: &[(&str, &str)]) -> BTreeMap<String, RefOr<openapi::Response>> {
    let response = |description: &str| {
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new().description(description);
        RefOr::T(response.content(MEDIA_TYPE, problem).build())
    };
    let responses = all.iter();
    responses
        .map(|(status, description)| ((*status).to_owned(), response(description)))
        .collect()
}

/// The client has the result already.
pub struct Unchanged;

impl IntoResponses for Unchanged {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let description = "The result is the one that If-None-Match names";
        let response = ResponseBuilder::new().description(description).build();
        BTreeMap::from([("304".to_owned(), RefOr::T(response))])
    }
}
