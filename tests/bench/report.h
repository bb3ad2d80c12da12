// What every benchmark prints: where it ran, medians of interleaved repetitions, and which goals are met.
#ifndef RAPPORT_TESTS_BENCH_REPORT_H_
#define RAPPORT_TESTS_BENCH_REPORT_H_

#include <cstddef>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rapport::bench {

// Seconds that `work` takes, by the steady clock.
double SecondsOf(const std::function<void()>& work);

// The value below which `share` of `values` lie. REQUIRES: some values.
double Quantile(std::vector<double> values, double share);
inline double Median(std::vector<double> values) {
  return Quantile(std::move(values), .5);
}

// Prints machine, compiler, load and command.
void PrintMachine(int argc, char** argv);

// Seconds to read `bytes` of memory once with one thread: the median of five readings of a matrix as large.
class MatrixRead {
 public:
  explicit MatrixRead(std::size_t bytes);
  double Seconds();

 private:
  struct Free {
    void operator()(float* values) const { std::free(values); }
  };
  std::size_t count_;
  std::unique_ptr<float, Free> values_;
};

// Goals: measured <= limit. Finish() prints "goals met: N of M" and those missed.
class Goals {
 public:
  void AtMost(const std::string& what, double measured, double limit, const std::string& unit);
  void Finish() const;

 private:
  struct Goal {
    std::string text;
    bool met = false;
  };
  std::vector<Goal> goals_;
};

// Appends a line to a file of results, for the picture: series, therapists, microseconds.
void AddToPicture(const std::string& file, const std::string& series, double therapists, double microseconds);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_REPORT_H_
