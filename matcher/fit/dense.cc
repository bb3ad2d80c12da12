#include "matcher/fit/dense.h"

#include <cstddef>

extern "C" {
// LAPACK's own interface. Fortran passes the length of a text behind all else.
void dpotrf_(const char* triangle, const int* size, double* matrix, const int* stride, int* info,
             std::size_t triangle_length);
void dpotri_(const char* triangle, const int* size, double* matrix, const int* stride, int* info,
             std::size_t triangle_length);
// OpenBLAS's, where that is the LAPACK: absent elsewhere.
__attribute__((weak)) void openblas_set_num_threads(int threads);
}

namespace rapport::matcher {
namespace {

// A refit runs beside serving: it keeps to the core of its caller.
void UseOneThread() {
  static const bool done = [] {
    if (openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

bool Factorise(Eigen::MatrixXd& matrix) {
  const int size = static_cast<int>(matrix.rows());
  int info = 0;
  UseOneThread();
  if (size > 0) dpotrf_("L", &size, matrix.data(), &size, &info, 1);
  return info == 0;
}

void InvertFactor(Eigen::MatrixXd& factor) {
  const int size = static_cast<int>(factor.rows());
  int info = 0;
  if (size > 0) dpotri_("L", &size, factor.data(), &size, &info, 1);
  factor.triangularView<Eigen::StrictlyUpper>() = factor.transpose();
}

}  // namespace rapport::matcher
