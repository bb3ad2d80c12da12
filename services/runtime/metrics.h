// A small typed face of prometheus-cpp: services register counters, gauges and histograms by name and labels,
// and only metrics.cc knows the library. One Metrics object per process, passed in; nothing is global.
#ifndef RAPPORT_SERVICES_RUNTIME_METRICS_H_
#define RAPPORT_SERVICES_RUNTIME_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace rapport::runtime {

// Label names to values. Values come from small fixed sets (a method, a code, a rule): never an id.
using Labels = std::map<std::string, std::string>;

// Handles: cheap to copy, thread-safe, valid as long as their Metrics. A default-constructed one does
// nothing, so that a component can be built without metrics.
class Counter {
 public:
  Counter() = default;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  void Add(double amount = 1) const;  // amount >= 0

 private:
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  void Set(double value) const;
  void Add(double amount) const;

 private:
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  void Observe(double value) const;

 private:
  prometheus::Histogram* histogram_ = nullptr;
};

// Names and help texts live in metric_names.h (services keep a like table of their own).
struct MetricName {
  const char* name;  // Prometheus rules, unit last: "..._seconds", "..._total"
  const char* help;
};

// Thread-safe. Asking again for the same name and labels gives the same series. One name used for two kinds,
// or an invalid name, is a programming error and terminates.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  Counter CounterOf(const MetricName& name, const Labels& labels = {}) noexcept;
  Gauge GaugeOf(const MetricName& name, const Labels& labels = {}) noexcept;
  // `bounds`: upper bounds of the buckets, ascending; +Inf is implied.
  Histogram HistogramOf(const MetricName& name, const std::vector<double>& bounds,
                        const Labels& labels = {}) noexcept;

  // Prometheus text exposition of all series.
  std::string Text() const;

 private:
  std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_METRICS_H_
