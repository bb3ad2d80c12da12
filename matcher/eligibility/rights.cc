#include "matcher/eligibility/rights.h"

#include <algorithm>

#include "matcher/eligibility/lanes.h"

namespace rapport::matcher {
namespace {

constexpr DayNumber kFirstDay = std::numeric_limits<DayNumber>::min();
constexpr DayNumber kLastDay = std::numeric_limits<DayNumber>::max();

}  // namespace

DayNumber ToDayNumber(absl::CivilDay day) {
  // Before differences of days overflow (infinite times become years near the ends of 64 bits).
  constexpr absl::civil_year_t kMostYears = 5'800'000;
  if (day.year() > kMostYears) return kLastDay;
  if (day.year() < -kMostYears) return kFirstDay;
  const auto days = day - absl::CivilDay(1970, 1, 1);
  return static_cast<DayNumber>(std::clamp<std::int64_t>(days, kFirstDay, kLastDay));
}

template <typename Insert>
void RegionRights::Note(std::uint32_t row, absl::Span<const Right> rights, Insert insert) {
  const auto number = static_cast<std::uint16_t>(row);
  for (const Right& right : rights) remote_rights_ += right.remote_only;
  if (rights.size() > 1) {
    for (const Right& right : rights) several_.push_back({right, number});
    return;
  }
  const Right& right = rights.front();
  (right.remote_only ? one_remote_ : one_).Assign(row, true);
  if (right.from != kFirstDay) insert(begins_, Edge{right.from, number});
  if (right.until != kLastDay) insert(ends_, Edge{right.until, number});
}

void RegionRights::Add(std::uint32_t row, absl::Span<const Right> rights) {
  Note(row, rights, [](std::vector<Edge>& edges, Edge edge) {
    edges.insert(std::upper_bound(edges.begin(), edges.end(), edge), edge);
  });
  NoteSteps();
}

void RegionRights::Append(std::uint32_t row, absl::Span<const Right> rights) {
  Note(row, rights, [](std::vector<Edge>& edges, Edge edge) { edges.push_back(edge); });
}

void RegionRights::Remove(std::uint32_t row) {
  remote_rights_ -= one_remote_.Test(row);
  for (const RightOfRow& each : several_) remote_rights_ -= each.row == row && each.right.remote_only;
  one_.Assign(row, false);
  one_remote_.Assign(row, false);
  const auto of_row = [row](const auto& each) { return each.row == row; };
  std::erase_if(begins_, of_row);
  std::erase_if(several_, of_row);
  if (std::erase_if(ends_, of_row) > 0) NoteSteps();
}

void RegionRights::NoteSteps() {
  ended_by_.resize(std::min(kMostSteps, ends_.size() / kStep));
  Bitmap ended;
  for (std::size_t end = 0; end < ended_by_.size() * kStep; ++end) {
    ended.Assign(ends_[end].row, true);
    if ((end + 1) % kStep == 0) ended_by_[end / kStep] = ended;
  }
}

bool RegionRights::HoldOn(Days days, absl::Span<const RightOfRow> rights, bool remote) {
  DayNumber day = days.first;  // those before are covered
  while (true) {
    DayNumber covered_until = kFirstDay;
    bool covered = false;
    for (const RightOfRow& each : rights) {
      const Right& right = each.right;
      if (right.from > day || right.until < day || (right.remote_only && !remote)) continue;
      covered = true;
      covered_until = std::max(covered_until, right.until);
    }
    if (!covered) return false;
    if (covered_until >= days.last) return true;
    day = covered_until + 1;
  }
}

std::int64_t RegionRights::Keep(Days days, const Bitmap& remote, std::uint32_t words, Bitmap& rows) const {
  Bitmap several;
  for (auto first = several_.begin(); first != several_.end();) {
    const auto next =
        std::find_if(first, several_.end(), [&](const RightOfRow& each) { return each.row != first->row; });
    const absl::Span<const RightOfRow> rights(&*first, static_cast<std::size_t>(next - first));
    if (rows.Test(first->row) && HoldOn(days, rights, remote.Test(first->row))) several.Add(first->row, true);
    first = next;
  }
  std::int64_t left = 0;
  if (remote_rights_ > 0) {
    const Bitmap at_a_distance = one_remote_ & remote;
    left = KeepInAny({&one_, &at_a_distance}, words, rows);
  } else {
    left = KeepInAny({&one_}, words, rows);
  }
  std::size_t steps = 0;
  while (steps < ended_by_.size() && ends_[(steps + 1) * kStep - 1].day < days.last) ++steps;
  if (steps > 0) left = KeepInNone({&ended_by_[steps - 1]}, words, rows);
  for (std::size_t end = steps * kStep; end < ends_.size() && ends_[end].day < days.last; ++end)
    left -= rows.Take(ends_[end].row);
  for (auto begin = begins_.rbegin(); begin != begins_.rend() && begin->day > days.first; ++begin)
    left -= rows.Take(begin->row);
  if (several_.empty()) return left;
  rows |= several;
  return CountRows(rows, words);
}

std::size_t RegionRights::MemoryBytes() const {
  return (begins_.capacity() + ends_.capacity()) * sizeof(Edge) + ended_by_.capacity() * sizeof(Bitmap) +
         several_.capacity() * sizeof(RightOfRow);
}

void RegionRights::Settle() {
  for (std::vector<Edge>* edges : {&begins_, &ends_}) {
    std::sort(edges->begin(), edges->end());
    edges->shrink_to_fit();
  }
  several_.shrink_to_fit();
  NoteSteps();
  ended_by_.shrink_to_fit();
}

}  // namespace rapport::matcher
