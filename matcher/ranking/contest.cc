#include "matcher/ranking/contest.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "matcher/versioned/fetch.h"

namespace rapport::matcher {
namespace {

// Contenders beyond this many are looked through for those who are out by now.
constexpr std::size_t kTidyAt = 4096;

// Of how many contenders at most memory is fetched ahead: of far more than mostly are left.
constexpr std::size_t kFetched = 64;

// Listings and profiles lie all over the memory: each step asks for a part of all before the next reads it.
void FetchProfiles(absl::Span<const Contender> contenders) {
  for (const Contender& each : contenders) each.columns->listings.FetchPart(each.row);
  for (const Contender& each : contenders) each.columns->listings.Fetch(each.row);
  for (const Contender& each : contenders) FetchLines(&each.listing(), sizeof(Listing));
  for (const Contender& each : contenders) FetchLines(each.listing().therapist.get(), sizeof(Therapist));
  for (const Contender& each : contenders) {
    const Therapist& therapist = *each.listing().therapist;
    for (const WordSet* words : {&therapist.concerns, &therapist.approaches, &therapist.tags})
      FetchLine(words->data());
    FetchLine(therapist.style.data());
    FetchLine(therapist.id.data());
  }
}

}  // namespace

Contest::Contest(std::size_t places, float floor) : places_(places), floor_(floor), tidy_at_(kTidyAt) {}

void Contest::Add(const Contender& contender) {
  if (places_ == 0) return;
  contenders_.push_back(contender);
  if (best_lower_.size() < places_) {
    best_lower_.push_back(contender.lower);
    std::push_heap(best_lower_.begin(), best_lower_.end(), std::greater<>());
  } else if (contender.lower > best_lower_.front()) {
    std::pop_heap(best_lower_.begin(), best_lower_.end(), std::greater<>());
    best_lower_.back() = contender.lower;
    std::push_heap(best_lower_.begin(), best_lower_.end(), std::greater<>());
  }
  if (best_lower_.size() == places_) floor_ = std::max(floor_, best_lower_.front());
  if (contenders_.size() < tidy_at_) return;
  DropBelowFloor();
  tidy_at_ = std::max(kTidyAt, 2 * contenders_.size());
}

absl::Span<const Contender> Contest::Finish() {
  DropBelowFloor();
  std::sort(contenders_.begin(), contenders_.end(),
            [](const Contender& a, const Contender& b) { return a.upper > b.upper; });
  return contenders_;
}

void Contest::DropBelowFloor() {
  contenders_.erase(std::remove_if(contenders_.begin(), contenders_.end(),
                                   [this](const Contender& each) { return each.upper < floor_; }),
                    contenders_.end());
}

std::vector<Try> BestOf(Contest& contest, absl::FunctionRef<Score(const Listing&)> exact,
                        absl::FunctionRef<void(absl::Span<const absl::string_view>)> fetch) {
  const auto rank_of = [](const Score& score) {
    return std::isnan(score.log_score) ? -std::numeric_limits<double>::infinity() : score.log_score;
  };
  const auto before = [&](const Try& a, const Try& b) {
    if (rank_of(a.score) != rank_of(b.score)) return rank_of(a.score) > rank_of(b.score);
    return a.listing->therapist->id < b.listing->therapist->id;
  };
  std::vector<Try> best;
  std::size_t scored_so_far = 0;
  const absl::Span<const Contender> contenders = contest.Finish();
  const absl::Span<const Contender> first = contenders.subspan(0, kFetched);
  FetchProfiles(first);
  absl::InlinedVector<absl::string_view, kFetched> ids;
  for (const Contender& each : first) ids.push_back(each.listing().therapist->id);
  fetch(ids);
  best.reserve(std::min(contest.places(), contenders.size()) + 1);
  for (const Contender& contender : contenders) {
    if (best.size() == contest.places() && contender.upper < rank_of(best.back().score)) break;
    const Try scored{&contender.listing(), exact(contender.listing()), scored_so_far++};
    best.insert(std::upper_bound(best.begin(), best.end(), scored, before), scored);
    if (best.size() > contest.places()) best.pop_back();
  }
  return best;
}

}  // namespace rapport::matcher
