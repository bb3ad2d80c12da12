// See metrics.h.
#include "services/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace rapport::runtime {

void Counter::Add(double amount) const {
  if (counter_ != nullptr) counter_->Increment(amount);
}

void Gauge::Set(double value) const {
  if (gauge_ != nullptr) gauge_->Set(value);
}

void Gauge::Add(double amount) const {
  if (gauge_ != nullptr) gauge_->Increment(amount);
}

void Histogram::Observe(double value) const {
  if (histogram_ != nullptr) histogram_->Observe(value);
}

Metrics::Metrics() : registry_(std::make_unique<prometheus::Registry>()) {}
Metrics::~Metrics() = default;

Counter Metrics::CounterOf(const MetricName& name, const Labels& labels) noexcept {
  return Counter(
      &prometheus::BuildCounter().Name(name.name).Help(name.help).Register(*registry_).Add(labels));
}

Gauge Metrics::GaugeOf(const MetricName& name, const Labels& labels) noexcept {
  return Gauge(&prometheus::BuildGauge().Name(name.name).Help(name.help).Register(*registry_).Add(labels));
}

Histogram Metrics::HistogramOf(const MetricName& name, const std::vector<double>& bounds,
                               const Labels& labels) noexcept {
  return Histogram(
      &prometheus::BuildHistogram().Name(name.name).Help(name.help).Register(*registry_).Add(labels, bounds));
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace rapport::runtime
