//! Metrics whose values are taken from elsewhere when they are scraped.

use {
    prometheus_client::{
        encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
        metrics::{counter::ConstCounter, gauge::ConstGauge, MetricType},
    },
    std::fmt,
};

/// Writes a gauge of several series.
pub fn series<L: EncodeLabelSet>(
    out: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    all: impl IntoIterator<Item = (L, i64)>,
) -> fmt::Result {
    let mut family = out.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in all {
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

/// Writes a counter of several series.
pub fn counters<L: EncodeLabelSet>(
    out: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    all: impl IntoIterator<Item = (L, u64)>,
) -> fmt::Result {
    let mut family = out.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in all {
        ConstCounter::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}
