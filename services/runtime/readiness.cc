// See readiness.h.
#include "services/runtime/readiness.h"

#include <algorithm>
#include <utility>

#include "services/runtime/metric_names.h"

namespace rapport::runtime {

void Readiness::Add(absl::string_view service, absl::string_view check, Check ask) {
  Gauge gauge = metrics_.GaugeOf(kReady, {{"service", std::string(service)}, {"check", std::string(check)}});
  std::lock_guard lock(mutex_);
  entries_.push_back({{std::string(service), std::string(check), absl::UnavailableError("not asked yet")},
                      std::move(ask),
                      gauge});
}

void Readiness::Step() {
  std::lock_guard step(step_mutex_);
  std::vector<Check> checks;
  {
    std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) checks.push_back(entry.ask);
  }
  std::vector<absl::Status> answers;
  for (const Check& check : checks) answers.push_back(check());
  {
    std::lock_guard lock(mutex_);
    for (size_t i = 0; i < answers.size(); ++i) {
      entries_[i].gauge.Set(answers[i].ok() ? 1 : 0);
      entries_[i].result.status = std::move(answers[i]);
    }
  }
  Tell();
}

void Readiness::BeginDrain() {
  {
    std::lock_guard lock(mutex_);
    draining_ = true;
  }
  std::lock_guard step(step_mutex_);
  Tell();
}

bool Readiness::Ready(absl::string_view service) const {
  std::lock_guard lock(mutex_);
  return ReadyLocked(service);
}

std::vector<Readiness::Result> Readiness::Results() const {
  std::lock_guard lock(mutex_);
  std::vector<Result> results;
  for (const Entry& entry : entries_) results.push_back(entry.result);
  return results;
}

void Readiness::SetListener(std::vector<std::string> services, Listener listener) {
  services.emplace_back();
  std::lock_guard step(step_mutex_);
  std::lock_guard lock(mutex_);
  services_ = std::move(services);
  listener_ = std::move(listener);
}

bool Readiness::ReadyLocked(absl::string_view service) const {
  return !draining_ && std::all_of(entries_.begin(), entries_.end(), [service](const Entry& entry) {
    return (!service.empty() && entry.result.service != service) || entry.result.status.ok();
  });
}

void Readiness::Tell() {
  std::vector<std::pair<std::string, bool>> states;
  {
    std::lock_guard lock(mutex_);
    if (!listener_) return;
    for (const std::string& service : services_) states.emplace_back(service, ReadyLocked(service));
  }
  for (const auto& [service, ready] : states) listener_(service, ready);
}

}  // namespace rapport::runtime
