// The three services as three processes on one temporary folder, each of which can die and come back.
#ifndef RAPPORT_TESTS_E2E_DEPLOYMENT_H_
#define RAPPORT_TESTS_E2E_DEPLOYMENT_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/cli/services.h"
#include "tests/e2e/process.h"

namespace rapport::e2e {

enum class Service { kMatcher, kIntake, kFeedback };
inline constexpr std::array kServices = {Service::kMatcher, Service::kIntake, Service::kFeedback};

// "rapport-matcher" and so on: how a service names itself in an error.
std::string NameOf(Service service);
std::string BinaryOf(Service service);

// A folder for one test, gone when the test ends.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

// A free port of 127.0.0.1, kept for whoever is told: bound, and never listening, so that a server of ours
// (which reuses addresses) can listen there again and again, and nobody else is given it in between.
class HeldPort {
 public:
  HeldPort();
  ~HeldPort();
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

  int number() const { return number_; }

 private:
  int socket_;
  int number_;
};

class Deployment {
 public:
  // Starts all three, and waits until each says that it is healthy.
  Deployment();

  // Starts one again, on the data that it left, and waits until it is healthy. The matcher comes back where
  // it was, the other two wherever a port is free: connect again.
  void Start(Service service, const std::string& drain_delay = "0s");

  // Healthy or not: a server that listens answers. For one that was stopped on purpose.
  Process& process(Service service) { return *processes_[static_cast<size_t>(service)]; }

  // SIGKILL, and waits until it is gone. Start brings it back.
  void Kill(Service service);

  // "host:port" of a service.
  std::string address(Service service) const;
  std::string database(Service service) const;

  // Fresh channels to where the services now are. Calls have `timeout`.
  cli::Services Connect(absl::Duration timeout = kPatience) const;

 private:
  const Scratch scratch_;
  const HeldPort matcher_port_;
  std::array<std::unique_ptr<Process>, kServices.size()> processes_;
  std::array<int, kServices.size()> ports_ = {};
};

// The port in the "listening" line of a server; 0 and a failed test where it does not listen.
int WaitForPort(Process& process);

// Whether `service` (full name) at `address` says that it is healthy.
bool Healthy(const std::string& address, const std::string& service);

}  // namespace rapport::e2e

#endif  // RAPPORT_TESTS_E2E_DEPLOYMENT_H_
