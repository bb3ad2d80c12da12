#include "matcher/ranking/bounds.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "matcher/versioned/fetch.h"

namespace rapport::matcher {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Numbers of a sum are this much above what is needed, in every slack.
constexpr double kMargin = 1.01;

// Rounding of one operation in single precision, of what it yields.
constexpr double kRounding = 0x1p-24;

// A formula of more values than this is not worked out by lines: a catalog has at most 16 style dimensions,
// 16 facets and three sums.
constexpr std::size_t kMostValues = 40;

// Strengths by word, each word once.
using WordStrengths = absl::InlinedVector<std::pair<Word, double>, 8>;

void AddUpByWord(WordStrengths& strengths) {
  std::stable_sort(strengths.begin(), strengths.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  auto last = strengths.begin();
  for (auto each = strengths.begin(); each != strengths.end(); ++each) {
    if (each == last) continue;
    if (each->first == last->first) {
      last->second += each->second;
    } else {
      *++last = *each;
    }
  }
  if (last != strengths.end()) strengths.erase(last + 1, strengths.end());
}

}  // namespace

Bounds::Bounds(const State& state, const Query& query, const ClientView& client)
    : concerns_(client.context.concerns.begin(), client.context.concerns.end()),
      curve_(&BondCurve::Standard()) {
  const BondForm form = FormOf(state.model, client);
  Compile(form, client.context, state.directory.shape());
  record_weight_ = form.record_weight;
  record_variance_ = form.record_variance;
  leniency_variance_ = client.leniency_variance;

  formula_.curve = curve_;
  const double shift = state.model.calibration_shift();
  const double bend = state.model.calibration_slope();
  formula_.calibration_shift = static_cast<float>(shift);
  formula_.calibration_slope = static_cast<float>(bend);
  formula_.calibration_slack = static_cast<float>(1e-6 * (1 + std::abs(shift)));
  bounded_ = bounded_ && bend > 0 && bend < 100 && std::abs(shift) < 100;
  const double fading = fading_ = state.directory.shape().fading;
  formula_.fading = static_cast<float>(fading);
  formula_.now = ToSeconds(query.now);
  // Those who pass kConfirmed are at most this old. A moment is rounded down to its second, on both sides.
  const double oldest = std::max(0, query.confirmation_limit_days) * 86'400.0 + 2;
  access_slack_ = static_cast<float>(kMargin * (2 * fading + 8 * kRounding * (fading * oldest + 64)));
  bounded_ = bounded_ && formula_.now > kFirstSecond && formula_.now < kLastSecond && fading >= 0 &&
             std::isfinite(fading) && access_slack_ < 1;
}

void Bounds::Compile(const BondForm& form, const ClientContext& context, LineShape shape) {
  // Line values first, sums after them.
  absl::InlinedVector<Eigen::Index, 24> order;
  absl::InlinedVector<double, 24> unit, limit;  // of each value in that order
  const auto n = static_cast<Eigen::Index>(form.values.size());
  for (Eigen::Index i = 0; i < n; ++i) {
    const BondForm::Value& value = form.values[static_cast<std::size_t>(i)];
    if (value.source != BondForm::Source::kStyle && value.source != BondForm::Source::kFelt) continue;
    const bool style = value.source == BondForm::Source::kStyle;
    const int place = style ? shape.style(value.about) : shape.felt(value.about);
    formula_.halves.push_back({place / 2, place % 2 != 0});
    order.push_back(i);
    unit.push_back(1 / kLineScale);
    limit.push_back(kLineLimit);
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    const BondForm::Source source = form.values[static_cast<std::size_t>(i)].source;
    WordStrengths strengths;
    switch (source) {
      case BondForm::Source::kStyle:
      case BondForm::Source::kFelt:
        continue;
      case BondForm::Source::kApproaches:
        for (const ApproachWish& wish : context.approaches)
          strengths.emplace_back(wish.approach, wish.strength);
        break;
      case BondForm::Source::kTags:
        for (const TagWish& wish : context.tags) strengths.emplace_back(wish.tag, wish.strength);
        break;
      case BondForm::Source::kConcerns:
        for (const Word concern : context.concerns)
          strengths.emplace_back(concern, 1 / static_cast<double>(context.concerns.size()));
        break;
    }
    AddUpByWord(strengths);
    double most = 0;
    for (const auto& [word, strength] : strengths) {
      wishes_.push_back(
          {source, word, static_cast<float>(strength), static_cast<std::int32_t>(order.size())});
      most += std::abs(strength);
    }
    order.push_back(i);
    unit.push_back(1);
    limit.push_back(most);
    sum_limits_.push_back(most);
  }

  formula_.values = order.size();
  formula_.line_unit = static_cast<float>(1 / kLineScale);
  formula_.constant = static_cast<float>(form.constant);
  formula_.variance = static_cast<float>(1 + form.variance);
  // How far off: by what lines leave out (error), and by rounding, which is at most that of as many
  // operations on numbers as large as the sum of all parts (size).
  double mean_error = kLineError, variance_error = kLineError;
  double mean_size = std::abs(form.constant) + kLineLimit;
  double variance_size = 1 + std::abs(form.variance) + kLineLimit;
  const double records = kLineLimit * std::max<std::size_t>(1, context.concerns.size());
  if (form.record_weight > 0) {
    mean_size += records;
    variance_size += records + std::abs(form.record_variance);
    // (1 + along)² Var b − Var b.
    const double along = form.record_weight * kMostAlong * static_cast<double>(context.concerns.size());
    variance_error += along * (2 + along) * kLineError;
    variance_size += along * (2 + along) * kLineLimit;
  }
  for (std::size_t a = 0; a < order.size(); ++a) {
    const double error_a = a < formula_.halves.size() ? kLineError : 0;
    const double slope = form.slope[order[a]];
    const double variance_slope = form.variance_slope[order[a]];
    formula_.slope.push_back(static_cast<float>(slope * unit[a]));
    formula_.variance_slope.push_back(static_cast<float>(variance_slope * unit[a]));
    mean_error += std::abs(slope) * error_a;
    mean_size += std::abs(slope) * limit[a];
    variance_error += std::abs(variance_slope) * error_a;
    variance_size += std::abs(variance_slope) * limit[a];
    for (std::size_t b = 0; b <= a; ++b) {
      const double error_b = b < formula_.halves.size() ? kLineError : 0;
      const double square = form.square(order[a], order[b]) * (a == b ? 1 : 2);
      formula_.square.push_back(static_cast<float>(square * unit[a] * unit[b]));
      variance_error += std::abs(square) * (limit[a] * error_b + limit[b] * error_a + error_a * error_b);
      variance_size += std::abs(square) * limit[a] * limit[b];
    }
  }
  const double operations = 8 + 4 * static_cast<double>(order.size() + wishes_.size());
  mean_error += mean_size * operations * kRounding;
  variance_error += variance_size * operations * kRounding;
  formula_.z_slack = static_cast<float>(kMargin * (mean_error + 1e-5));
  // 1 / √(1 − e) is 1 + e/2 + 3e²/8 and a little more, and no variance here is below 1.
  formula_.z_relative_slack =
      static_cast<float>(kMargin * (variance_error / 2 + variance_error * variance_error / 2 + 1e-6));
  bounded_ = form.whole && order.size() <= kMostValues && formula_.z_slack < 1 &&
             formula_.z_relative_slack < .1f && std::isfinite(form.constant) && std::isfinite(form.variance);
}

// The best log P(bond) that anybody in the block can have.
float Bounds::Ceiling(const Columns& columns) const {
  const auto range = [&](int place) { return columns.ranges[static_cast<std::size_t>(place)]; };
  double mean = formula_.constant + range(LineShape::kMean).high / kLineScale +
                record_weight_ * static_cast<double>(concerns_.size()) * columns.best_record;
  const std::size_t lines = formula_.halves.size();
  for (std::size_t i = 0; i < lines; ++i) {
    const LineRange values = range(2 * formula_.halves[i].pair + formula_.halves[i].high);
    mean += formula_.slope[i] * (formula_.slope[i] > 0 ? values.high : values.low);
  }
  for (std::size_t i = lines; i < formula_.values; ++i)
    mean += std::max(0.0, formula_.slope[i] * sum_limits_[i - lines]);
  const double along = std::max(
      0.0, 1 + record_weight_ * static_cast<double>(concerns_.size()) * double{columns.least_along} - 1e-5);
  const double variance =
      std::max(0.0, leniency_variance_) +
      along * along * std::max(0.0, range(LineShape::kVariance).low / kLineScale - kLineError);
  const double z = std::max(0.0, mean + formula_.z_slack) / std::sqrt(1 + variance);
  const double high = z * (1 + formula_.z_relative_slack) + 1e-5;
  return curve_->Upper(static_cast<float>(formula_.calibration_shift + formula_.calibration_slope * high) +
                       2 * formula_.calibration_slack);
}

// Whoever has a lower mark cannot reach the floor.
std::int16_t Bounds::LeastMark(const Columns& columns, float ceiling, float floor) const {
  const double since_reference = static_cast<double>(formula_.now) - columns.mark_reference;
  const double access = floor - ceiling - access_slack_ + fading_ * since_reference;
  return static_cast<std::int16_t>(
      std::clamp(std::floor(access * kMarkScale), double{kLowestMark}, double{kHighestMark}));
}

const WordTable<Bitmap>& Bounds::TableOf(const Wish& wish, const Columns& columns) const {
  switch (wish.source) {
    case BondForm::Source::kApproaches:
      return columns.approaches;
    case BondForm::Source::kTags:
      return columns.tags;
    default:
      return columns.concerns;
  }
}

void Bounds::FetchMarks(const Entry& entry) const {
  const Columns& columns = *entry.columns;
  for (const Wish& wish : wishes_) TableOf(wish, columns).FetchPlace(wish.word);
  for (const Word concern : concerns_) columns.records.FetchPlace(concern);
  // A cache line holds the marks of 32 rows.
  const std::int16_t* marks = columns.marks.data() + entry.first_word * 64;
  for (std::uint32_t word = 0; word < kStretchWords; ++word) {
    const std::uint64_t rows = entry.rows[word];
    if ((rows & 0xffff'ffff) != 0) FetchLine(marks + word * 64);
    if (rows >> 32 != 0) FetchLine(marks + word * 64 + 32);
  }
}

void Bounds::FetchListed(const Entry& entry) const {
  if (entry.list.size == 0) return;
  const Columns& columns = *entry.columns;
  const auto fetch_stretch = [&entry](const Bitmap* rows) {
    if (rows == nullptr) return;
    const std::uint64_t* words = rows->words() + entry.first_word;
    for (std::uint32_t word = 0; word < kStretchWords; word += 8) FetchLine(words + word);
  };
  for (const Wish& wish : wishes_) fetch_stretch(TableOf(wish, columns).Find(wish.word));
  if (!concerns_.empty()) fetch_stretch(&columns.recorded);
  for (const Word concern : concerns_) columns.records.FetchThing(concern);
  for (std::size_t i = 0; i < entry.list.size; ++i)
    FetchLine(columns.Line(static_cast<std::uint32_t>(entry.list.rows[i])));
}

// Lists those whose marks reach the floor as it is now.
void Bounds::List(Entry& entry, Contest& contest) {
  const Columns& columns = *entry.columns;
  ListMarked(columns, entry.first_word, entry.rows, LeastMark(columns, entry.ceiling, contest.floor()),
             entry.list);
  FetchListed(entry);
}

// Adds up what records with the client's concerns say of the listed rows.
void Bounds::SumRecords(const Entry& entry) {
  if (concerns_.empty()) return;
  const Columns& columns = *entry.columns;
  const auto first_row = static_cast<std::size_t>(entry.first_word) * 64;
  std::array<std::uint64_t, kStretchWords> listed{};
  bool any = false;
  for (std::size_t i = 0; i < entry.list.size; ++i) {
    const auto row = static_cast<std::uint32_t>(entry.list.rows[i]);
    if (!columns.recorded.Test(row)) continue;
    any = true;
    listed[row / 64 - entry.first_word] |= std::uint64_t{1} << (row % 64);
  }
  if (!any) return;
  if (!records_cleared_) {  // most searches meet no record, and 12 KB are a good part of the nearest cache
    for (auto* numbers : {&records_.mean, &records_.variance, &records_.along}) numbers->fill(0);
    records_cleared_ = true;
  }
  for (const Word concern : concerns_) {
    const std::vector<RowRecord>* known = columns.records.Find(concern);
    if (known == nullptr) continue;
    for (const RowRecord& record : *known) {
      const std::size_t row = record.row - first_row;  // far too large where it is in an earlier stretch
      if (row >= kStretchRows || (listed[row / 64] >> (row % 64) & 1u) == 0) continue;
      records_.any = true;
      records_.mean[row] += static_cast<float>(record_weight_ * record.mean);
      records_.along[row] += static_cast<float>(record_weight_ * record.along);
      records_.variance[row] +=
          static_cast<float>(record_weight_ * record_weight_ * (record.variance - record_variance_));
    }
  }
  if (!records_.any) return;
  for (std::size_t i = 0; i < entry.list.size; ++i) {
    const auto number = static_cast<std::uint32_t>(entry.list.rows[i]);
    const float along = records_.along[number - first_row];
    if (along == 0) continue;
    records_.variance[number - first_row] +=
        along * (2 + along) * columns.Number(number, LineShape::kVariance);
  }
}

void Bounds::ClearRecords(const Entry& entry) {
  if (!records_.any) return;
  records_.any = false;
  const auto first_row = static_cast<std::size_t>(entry.first_word) * 64;
  for (std::size_t i = 0; i < entry.list.size; ++i) {
    const std::size_t row = static_cast<std::size_t>(entry.list.rows[i]) - first_row;
    records_.mean[row] = records_.variance[row] = records_.along[row] = 0;
  }
}

void Bounds::EnterListed(Entry& entry, Contest& contest) {
  if (entry.list.size == 0) return;
  const Columns& columns = *entry.columns;
  SumRecords(entry);
  wished_.clear();
  for (const Wish& wish : wishes_) {
    const Bitmap* stating = TableOf(wish, columns).Find(wish.word);
    if (stating == nullptr) continue;
    WishedRows& rows = wished_.emplace_back();
    rows.strength = wish.strength;
    rows.value = wish.value;
    std::memcpy(rows.bits.data(), stating->words() + entry.first_word, sizeof(rows.bits));
  }
  EnterList(formula_, columns, entry.first_word * 64, wished_, records_, access_slack_, entry.list, contest);
  ClearRecords(entry);
}

void Bounds::Enter(const Columns& columns, const Bitmap& rows, Contest& contest) {
  if (contest.places() == 0) return;
  const auto enter_without_bounds = [&](const Bitmap& those) {
    those.ForEach([&](std::uint32_t row) { contest.Add({kInfinity, -kInfinity, &columns, row}); });
  };
  if (!bounded_) return enter_without_bounds(rows);
  Bitmap lined = rows;
  if (columns.unlined_rows > 0) {
    lined -= columns.unlined;
    enter_without_bounds(rows & columns.unlined);
  }
  const float ceiling = Ceiling(columns);
  for (std::uint32_t word = 0; word < Bitmap::kWords; word += kStretchWords)
    EnterStretch(columns, ceiling, word, lined, contest);
}

void Bounds::EnterStretch(const Columns& columns, float ceiling, std::uint32_t first_word, const Bitmap& rows,
                          Contest& contest) {
  const std::int16_t least = LeastMark(columns, ceiling, contest.floor());
  Entry& newest = entry(noted_);
  std::uint64_t any = 0;
  for (std::uint32_t word = 0; word < kStretchWords; ++word) {
    const bool reaches = columns.best_marks[first_word + word] >= least;
    any |= newest.rows[word] = reaches ? rows.Word(first_word + word) : 0;
  }
  if (any == 0) return;
  ++noted_;
  newest.columns = &columns;
  newest.ceiling = ceiling;
  newest.first_word = first_word;
  FetchMarks(newest);
  // Before there is a floor everybody's line is read: the sooner there is one, the better.
  if (contest.floor() == -kInfinity) return Finish(contest);
  if (noted_ - listed_ > kAhead) List(entry(listed_++), contest);
  if (listed_ - entered_ > kAhead) EnterListed(entry(entered_++), contest);
}

void Bounds::Finish(Contest& contest) {
  while (listed_ < noted_) {
    List(entry(listed_++), contest);
    if (listed_ - entered_ > kAhead) EnterListed(entry(entered_++), contest);
  }
  while (entered_ < listed_) EnterListed(entry(entered_++), contest);
}

}  // namespace rapport::matcher
