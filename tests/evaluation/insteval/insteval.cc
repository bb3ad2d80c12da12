// Fits lecturers' ratings as the crossed model, and writes what another program's fit is compared with.
// usage: insteval RATINGS.csv OUT_PREFIX     RATINGS.csv: columns s, d, service, y as the R package has them
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "matcher/fit/crossed.h"

namespace {

// Places of names in order of their first appearance.
class Names {
 public:
  int Place(const std::string& name) {
    const auto [at, fresh] = places_.try_emplace(name, static_cast<int>(names_.size()));
    if (fresh) names_.push_back(name);
    return at->second;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::map<std::string, int> places_;
  std::vector<std::string> names_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: insteval RATINGS.csv OUT_PREFIX\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  std::string line;
  std::getline(file, line);
  Names students, lecturers;
  std::vector<int> student, lecturer;
  std::vector<double> rating, service;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    double y = 0, in_service = 0;
    if (cells.size() != 4 || !absl::SimpleAtod(cells[2], &in_service) || !absl::SimpleAtod(cells[3], &y)) {
      std::fprintf(stderr, "%s: cannot read \"%s\"\n", argv[1], line.c_str());
      return 1;
    }
    student.push_back(students.Place(cells[0]));
    lecturer.push_back(lecturers.Place(cells[1]));
    service.push_back(in_service);
    rating.push_back(y);
  }
  const auto n = static_cast<Eigen::Index>(rating.size());
  const Eigen::Map<const Eigen::VectorXd> y(rating.data(), n);
  std::ofstream summary(absl::StrCat(argv[2], "_summary.csv"));
  summary << "model,client,therapist,error,reml,seconds,memory_mb,iterations\n";
  summary.precision(12);
  for (const bool with_service : {false, true}) {
    Eigen::MatrixXd x = Eigen::MatrixXd::Ones(n, with_service ? 2 : 1);
    if (with_service) x.col(1) = Eigen::Map<const Eigen::VectorXd>(service.data(), n);
    const auto start = std::chrono::steady_clock::now();
    const auto fit = rapport::matcher::FitCrossed(student, lecturer, y, x);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!fit.ok()) {
      std::fprintf(stderr, "%s\n", fit.status().ToString().c_str());
      return 1;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const char* name = with_service ? "service" : "plain";
    summary << name << ',' << fit->client_variance << ',' << fit->therapist_variance << ','
            << fit->error_variance << ',' << fit->reml_criterion << ',' << seconds << ','
            << static_cast<double>(usage.ru_maxrss) / 1024 << ',' << fit->iterations << '\n';
    std::ofstream effects(absl::StrCat(argv[2], "_", name, "_effects.csv"));
    effects.precision(12);
    effects << "kind,name,value\n";
    for (Eigen::Index i = 0; i < fit->effect.size(); ++i)
      effects << "fixed," << i << ',' << fit->effect[i] << '\n';
    for (std::size_t i = 0; i < students.names().size(); ++i) {
      effects << "s," << students.names()[i] << ',' << fit->client_effect[static_cast<Eigen::Index>(i)]
              << '\n';
    }
    for (std::size_t i = 0; i < lecturers.names().size(); ++i) {
      effects << "d," << lecturers.names()[i] << ',' << fit->therapist_effect[static_cast<Eigen::Index>(i)]
              << '\n';
    }
  }
}
