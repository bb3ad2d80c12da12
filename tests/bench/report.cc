#include "tests/bench/report.h"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace rapport::bench {

double SecondsOf(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(place, values.size() - 1)];
}

void PrintMachine(int argc, char** argv) {
  std::string model = "unknown processor";
  std::ifstream processors("/proc/cpuinfo");
  for (std::string line; std::getline(processors, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    model = line.substr(line.find(':') + 2);
    break;
  }
  std::string load;
  std::ifstream("/proc/loadavg") >> load;
  std::string command = argv[0];
  for (int i = 1; i < argc; ++i) command += std::string(" ") + argv[i];
#ifdef NDEBUG
  const char* build = "release";
#else
  const char* build = "debug: figures mean nothing";
#endif
  absl::PrintF("machine: %s, %d cores, load %s\nbuild: %s, GCC %s\ncommand: %s\n\n", model,
               std::thread::hardware_concurrency(), load, build, __VERSION__, command);
}

namespace {

// Many sums side by side, in the widest vectors there are, so that memory and not addition is waited for.
__attribute__((target_clones("avx512f", "avx2", "default"))) float SumOf(const float* values,
                                                                         std::size_t count) {
  constexpr std::size_t kSums = 128;
  float sums[kSums] = {};
  for (std::size_t at = 0; at + kSums <= count; at += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) sums[k] += values[at + k];
  }
  float sum = 0;
  for (const float each : sums) sum += each;
  return sum;
}

}  // namespace

MatrixRead::MatrixRead(std::size_t bytes) : count_(bytes / sizeof(float)) {
  constexpr std::size_t kHugePage = 2 << 20;
  const std::size_t room = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  values_.reset(static_cast<float*>(std::aligned_alloc(kHugePage, room)));
  madvise(values_.get(), room, MADV_HUGEPAGE);
  std::fill(values_.get(), values_.get() + count_, 1.f);
}

double MatrixRead::Seconds() {
  std::vector<double> readings;
  for (int i = 0; i < 5; ++i) {
    readings.push_back(SecondsOf([this] {
      volatile float kept = SumOf(values_.get(), count_);
      static_cast<void>(kept);
    }));
  }
  return Median(readings);
}

void Goals::AtMost(const std::string& what, double measured, double limit, const std::string& unit) {
  const bool met = measured <= limit;
  goals_.push_back({absl::StrFormat("%s: %.4g %s, at most %.4g", what, measured, unit, limit), met});
}

void Goals::Finish() const {
  std::size_t met = 0;
  absl::PrintF("\n");
  for (const Goal& goal : goals_) {
    absl::PrintF("%s  %s\n", goal.met ? "met   " : "MISSED", goal.text);
    met += goal.met;
  }
  absl::PrintF("goals met: %d of %d\n", met, goals_.size());
  for (const Goal& goal : goals_) {
    if (!goal.met) absl::PrintF("missed: %s\n", goal.text);
  }
}

void AddToPicture(const std::string& file, const std::string& series, double therapists,
                  double microseconds) {
  if (file.empty()) return;
  std::ofstream(file, std::ios::app) << absl::StrFormat("%s,%.0f,%.3f\n", series, therapists, microseconds);
}

}  // namespace rapport::bench
