// Compiled once for each instruction set, chosen at run time (Highway's foreach_target); without contraction
// of products and sums, which only some of them have (CMakeLists.txt).
#include "matcher/fit/square.h"

#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "matcher/fit/square.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace rapport::matcher {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void TimesLanes(const double* HWY_RESTRICT matrix, std::size_t n, const double* HWY_RESTRICT x,
                double* HWY_RESTRICT out) {
  const hn::CappedTag<double, 8> doubles;
  const std::size_t lanes = hn::Lanes(doubles);
  std::size_t row = 0;
  for (; row + 4 * lanes <= n; row += 4 * lanes) {
    auto a = hn::Zero(doubles), b = a, c = a, d = a;
    for (std::size_t k = 0; k < n; ++k) {
      const double* HWY_RESTRICT column = matrix + k * n + row;
      const auto factor = hn::Set(doubles, x[k]);
      a = hn::Add(a, hn::Mul(hn::LoadU(doubles, column), factor));
      b = hn::Add(b, hn::Mul(hn::LoadU(doubles, column + lanes), factor));
      c = hn::Add(c, hn::Mul(hn::LoadU(doubles, column + 2 * lanes), factor));
      d = hn::Add(d, hn::Mul(hn::LoadU(doubles, column + 3 * lanes), factor));
    }
    hn::StoreU(a, doubles, out + row);
    hn::StoreU(b, doubles, out + row + lanes);
    hn::StoreU(c, doubles, out + row + 2 * lanes);
    hn::StoreU(d, doubles, out + row + 3 * lanes);
  }
  for (; row + lanes <= n; row += lanes) {
    auto sum = hn::Zero(doubles);
    for (std::size_t k = 0; k < n; ++k)
      sum = hn::Add(sum, hn::Mul(hn::LoadU(doubles, matrix + k * n + row), hn::Set(doubles, x[k])));
    hn::StoreU(sum, doubles, out + row);
  }
  for (; row < n; ++row) {
    double sum = 0;
    for (std::size_t k = 0; k < n; ++k) sum += matrix[k * n + row] * x[k];
    out[row] = sum;
  }
}

void LessSquareLanes(const double* matrix, std::size_t n, const double* HWY_RESTRICT y, double* out) {
  const hn::CappedTag<double, 8> doubles;
  const std::size_t lanes = hn::Lanes(doubles);
  for (std::size_t k = 0; k < n; ++k) {
    const auto factor = hn::Set(doubles, y[k]);
    const double* column = matrix + k * n;
    double* left = out + k * n;
    std::size_t row = 0;
    for (; row + lanes <= n; row += lanes) {
      hn::StoreU(hn::Sub(hn::LoadU(doubles, column + row), hn::Mul(hn::LoadU(doubles, y + row), factor)),
                 doubles, left + row);
    }
    for (; row < n; ++row) left[row] = column[row] - y[row] * y[k];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace rapport::matcher
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rapport::matcher {

HWY_EXPORT(TimesLanes);
HWY_EXPORT(LessSquareLanes);

void Times(const Eigen::MatrixXd& covariance, const Eigen::VectorXd& x, double* out) {
  HWY_DYNAMIC_DISPATCH(TimesLanes)(covariance.data(), static_cast<std::size_t>(x.size()), x.data(), out);
}

void LessSquare(const Eigen::MatrixXd& covariance, const double* y, Eigen::MatrixXd& out) {
  HWY_DYNAMIC_DISPATCH(LessSquareLanes)
  (covariance.data(), static_cast<std::size_t>(covariance.rows()), y, out.data());
}

}  // namespace rapport::matcher
#endif  // HWY_ONCE
