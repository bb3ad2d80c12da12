#include "matcher/fit/track_record.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "Eigen/Cholesky"

namespace rapport::matcher {
namespace {

// One answer leaves at least this share of a rest, whatever the rounding.
constexpr double kLeastLeft = 1e-6;

std::size_t PlaceOf(const TrackRecords& records, Word concern) {
  return static_cast<std::size_t>(
      std::lower_bound(records.all.begin(), records.all.end(), concern,
                       [](const TrackRecord& record, Word word) { return record.concern < word; }) -
      records.all.begin());
}

}  // namespace

const TrackRecord* FindRecord(const TrackRecords& records, Word concern) {
  const std::size_t place = PlaceOf(records, concern);
  return place < records.all.size() && records.all[place].concern == concern ? &records.all[place] : nullptr;
}

double ConcernWeight(absl::Span<const Word> concerns) {
  return concerns.empty() ? 0 : 1 / std::sqrt(static_cast<double>(concerns.size()));
}

RecordSum SumOf(const TrackRecords* records, absl::Span<const Word> concerns, double prior_variance,
                Eigen::Index channels) {
  RecordSum sum;
  sum.regression = ChannelVector::Zero(channels);
  const double weight = ConcernWeight(concerns);
  for (const Word concern : concerns) {
    const TrackRecord* record = records == nullptr ? nullptr : FindRecord(*records, concern);
    if (record == nullptr) {
      sum.rest += weight * weight * prior_variance;
      continue;
    }
    const auto place = record - records->all.data();
    sum.mean += weight * record->mean;
    sum.regression += weight * records->regression.col(place);
    sum.rest += weight * weight * records->rest[static_cast<std::size_t>(place)];
  }
  return sum;
}

void HoldRecords(absl::Span<const Word> concerns, double prior_variance, Eigen::Index channels,
                 TrackRecords& records) {
  for (const Word concern : concerns) {
    if (FindRecord(records, concern) != nullptr) continue;
    const std::size_t place = PlaceOf(records, concern);
    const auto at = static_cast<Eigen::Index>(place),
               after = static_cast<Eigen::Index>(records.all.size()) - at;
    Eigen::MatrixXd regression(channels, at + after + 1);
    if (at > 0) regression.leftCols(at) = records.regression.leftCols(at);
    regression.col(at).setZero();
    if (after > 0) regression.rightCols(after) = records.regression.rightCols(after);
    records.regression = std::move(regression);
    records.all.insert(records.all.begin() + at, {concern, 0, 0, prior_variance, 0});
    records.rest.insert(records.rest.begin() + at, prior_variance);
  }
}

void CountClient(absl::Span<const Word> concerns, TrackRecords& records) {
  for (const Word concern : concerns) ++records.all[PlaceOf(records, concern)].clients;
}

void LearnRecords(const Innovation& innovation, absl::Span<const Word> concerns, const ChannelVector& loading,
                  const ChannelMatrix& columns, const ChannelVector& moved, const Belief& effects,
                  TrackRecords& records) {
  // All go along with the effects.
  for (std::size_t k = 0; k < records.all.size(); ++k)
    records.all[k].mean += records.regression.col(static_cast<Eigen::Index>(k)).dot(moved);
  // Those of these concerns learn of their rest too, whose covariance with the observed channels is w rest λ:
  // what it loses in covariance with the effects bends their regression.
  if (!concerns.empty()) {
    const double weight = ConcernWeight(concerns), pull = innovation.weight * loading.dot(innovation.pull);
    const ChannelVector lost = innovation.Loss(loading), with_effects = columns.lazyProduct(lost);
    const ChannelVector bend = Eigen::LLT<ChannelMatrix>(effects.covariance).solve(with_effects);
    const double shrink = loading.dot(lost) + with_effects.dot(bend);
    for (const Word concern : concerns) {
      const std::size_t place = PlaceOf(records, concern);
      double& rest = records.rest[place];
      const double share = weight * rest;
      records.all[place].mean += share * pull;
      records.regression.col(static_cast<Eigen::Index>(place)) -= share * bend;
      rest = std::max(kLeastLeft * rest, rest - share * share * shrink);
    }
  }
  const ChannelVector with_verdict = effects.covariance.col(kVerdictChannel);
  for (std::size_t k = 0; k < records.all.size(); ++k) {
    const auto regression = records.regression.col(static_cast<Eigen::Index>(k));
    TrackRecord& record = records.all[k];
    const double together = regression.dot(with_verdict);
    record.along = together / with_verdict[kVerdictChannel];
    const double variance = records.rest[k] + regression.dot(effects.covariance.lazyProduct(regression));
    record.variance = std::max(records.rest[k], variance - together * record.along);
  }
}

}  // namespace rapport::matcher
