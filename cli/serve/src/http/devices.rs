//! `devices`

use {
    super::{
        answer::{answer_shared, Query},
        document::{Found, Stamped},
        documentation::{Problems, Unchanged},
        filter::{self, Filter, FilterParams},
        list::{next_page, one, page_of, unreadable, Named, UnreadableJson},
        page::{self, Page, PageParams, WaitParams},
        parameters::{pairs, unknown},
        problem::Problem,
        state::Shared,
    },
    crate::view::View,
    axum::{
        extract::{Path, State},
        http::{HeaderMap, Uri},
        response::Response,
    },
    ebb_sdk::{client::Keyed, json::DeviceJson, pda, state::Device},
    serde::{ser::SerializeSeq, Serialize, Serializer},
    solana_sdk::pubkey::Pubkey,
    utoipa::ToSchema,
};

/// Devices, in the order of their codes.
#[derive(Serialize, ToSchema)]
pub struct DeviceList<'a> {
    /// Those that pass every filter.
    #[schema(value_type = Vec<DeviceJson<'static>>)]
    devices: Rows<'a>,
    /// Those that cannot be read.
    unreadable: Vec<UnreadableJson>,
}

/// Each device is written as soon as its JSON is made.
struct Rows<'a> {
    view: &'a View,
    devices: Vec<&'a Keyed<Device>>,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.devices.len()))?;
        for device in &self.devices {
            self.view
                .with_json(device, |json| rows.serialize_element(&json))?;
        }
        rows.end()
    }
}

/// The filter and the rest of the parameters of a query of devices.
///
/// # Errors
/// A parameter that there is not, or its value.
fn parameters(
    uri: &Uri,
    program_id: &Pubkey,
    view: &View,
) -> Result<(Filter, Page, String), Problem> {
    let (mut filter, mut page) = (Filter::default(), Page::default());
    let mut key: Vec<String> = vec![];
    for (name, value) in pairs(uri)? {
        let is_known = page.take(&name, &value)? || filter.take(&name, &value, program_id, view)?;
        if !is_known {
            let names: Vec<String> = filter::names().collect();
            let known = names.iter().map(String::as_str);
            return Err(unknown(&name, known.chain(page::KEYS.map(|key| key.name))));
        }
        if name != "wait" {
            key.push(format!("{name}={value}"));
        }
    }
    key.sort_unstable();
    Ok((filter, page, key.join("&")))
}

/// List devices
///
/// The filters are those of `ebb device list`: the values of a key are alternatives, keys are all required, and
/// `without-` in front of a key negates it.
#[utoipa::path(
    get, path = "/api/v1/devices", operation_id = "listDevices", tag = "devices",
    params(FilterParams, PageParams),
    responses((status = 200, description = "Devices", body = Stamped<DeviceList<'static>>), Unchanged, Problems),
)]
pub async fn list(
    State(shared): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let view = shared.view().await?;
    let (filter, page, key) = parameters(&uri, shared.client.program_id(), &view)?;
    let key = format!("{}?{key}", uri.path());
    let query = Query {
        headers: &headers,
        wait: page.wait,
    };
    answer_shared(&shared, query, key, move |view| {
        let table = &view.devices;
        let admits = |device: &Device| filter.admits(view, device);
        let (devices, last) = page_of(&table.by_code, &page, admits);
        let next = last.map(|last| next_page(&uri, last)).transpose()?;
        let list = DeviceList {
            devices: Rows { view, devices },
            unreadable: unreadable(&table.unreadable),
        };
        Ok(Found::new(&list, next)?.changing_at(filter.next_moment(view)))
    })
    .await
}

/// Get a device
#[utoipa::path(
    get, path = "/api/v1/devices/{code}", operation_id = "getDevice", tag = "devices",
    params(("code" = String, Path, description = "The device's code, or its address"), WaitParams),
    responses((status = 200, description = "The device", body = Stamped<DeviceJson<'static>>), Unchanged, Problems),
)]
pub async fn get(
    State(shared): State<Shared>,
    Path(code): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let named = Named {
        kind: "device",
        name: &code,
        of_code: pda::device,
    };
    let json = |view: &View, device: &Keyed<Device>| {
        view.with_json(device, |json| Found::new(&json, None))
    };
    one(&shared, &uri, &headers, named, |view| &view.devices, json).await
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        crate::{
            http::state::tests::server,
            view::{
                tests::{device, view, with_unreadable},
                Views,
            },
        },
        axum::body::to_bytes,
        ebb_sdk::state::ProvisioningStatus::{Activated, Draining},
        serde_json::{json, Value},
    };

    #[tokio::test]
    async fn a_device_that_cannot_be_read_is_named_and_hides_no_other() {
        let views = Views::keeping(100);
        let fleet = vec![device("a", Activated), device("b", Draining)];
        let broken = Pubkey::new_from_array([9; 32]);
        views.publish(with_unreadable(view(1, None, fleet), broken));
        let (shared, _closing, _dir) = server(views);
        let uri = Uri::from_static("/api/v1/devices");
        let response = list(State(shared), uri, HeaderMap::new()).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let document: Value = serde_json::from_slice(&body).unwrap();
        let devices = document["devices"].as_array().unwrap().iter();
        let codes: Vec<&Value> = devices.map(|device| &device["code"]).collect();
        assert_eq!(codes, ["a", "b"]);
        let unreadable = json!([{
            "address": broken.to_string(),
            "code": 6006,
            "name": "UnsupportedVersion",
            "message": "an account was written by a newer version of the program",
        }]);
        assert_eq!(document["unreadable"], unreadable);
    }
}
