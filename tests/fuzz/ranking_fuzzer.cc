// Looks for a difference between what is fast and what is plain: the index against the predicate, and the
// shortlist by bounds against everybody's exact score. The input is a sequence of changes and searches.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "matcher/ranking/rank.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

// Reads numbers from the input; zeros when it has ended.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), end_(data + size) {}
  bool empty() const { return data_ == end_; }
  std::uint8_t Byte() { return empty() ? 0 : *data_++; }
  std::uint64_t Number() {
    std::uint64_t number = 0;
    for (int i = 0; i < 3; ++i) number = number << 8 | Byte();
    return number;
  }
  // Any double at all, the odd ones often.
  double Real() {
    switch (Byte() % 8) {
      case 0:
        return std::numeric_limits<double>::quiet_NaN();
      case 1:
        return std::numeric_limits<double>::infinity();
      case 2:
        return -1e300;
      default:
        return (static_cast<double>(Number()) - 0x800000) / 0x400000;
    }
  }

 private:
  const std::uint8_t* data_;
  const std::uint8_t* end_;
};

[[noreturn]] void Differ(const char* what) {
  std::fprintf(stderr, "the fast and the plain differ: %s\n", what);
  std::abort();
}

void Search(const State& state, Input& input) {
  RandomNetwork network(input.Number());
  RankRequest request;
  request.client_id = absl::StrCat("c", input.Byte() % 4);
  request.needs = network.MakeNeeds();
  request.shortlist_size = input.Byte() % 12;
  request.with_relaxations = input.Byte() % 4 == 0;
  request.with_reasons = false;
  request.now = RandomNetwork::Now() + absl::Seconds(static_cast<int>(input.Number()) - 0x800000);
  Musts& musts = request.needs.musts;
  switch (input.Byte() % 6) {
    case 0:
      musts.max_distance_km = input.Real();
      break;
    case 1:
      musts.max_fee = Money{"USD", static_cast<std::int64_t>(input.Number()) - 100};
      break;
    case 2:
      request.now = absl::InfiniteFuture();
      break;
    case 3:
      request.needs.context.styles.push_back({0, input.Real(), input.Real()});
      break;
    default:
      break;
  }
  const Query query = QueryOf(state, request);
  const Ranking ranking = Rank(state, request);
  // Wishes that are no numbers are not wished for, here by hand.
  ClientContext context = request.needs.context;
  std::erase_if(context.styles, [](const StyleWish& wish) {
    return !(wish.value - wish.value == 0) || !(wish.strength - wish.strength == 0);
  });
  const ClientView client = state.model.View(request.client_id, context);
  std::vector<std::pair<double, std::string>> all;
  std::array<std::int64_t, kRules> first_failed{};
  state.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
    if (const auto first = FirstFailed(FailedRules(query, *listing))) {
      ++first_failed[IndexOf(*first)];
      return;
    }
    const double score =
        ScorePair(state, client, *listing, query.now, [](BondPart, int, double) {}).log_score;
    all.emplace_back(score != score ? std::numeric_limits<double>::infinity() : -score,
                     listing->therapist->id);
  });
  std::sort(all.begin(), all.end());
  if (ranking.eligible != static_cast<std::int64_t>(all.size())) Differ("who is eligible");
  if (ranking.first_failed != first_failed) Differ("how many each rule excludes");
  if (ranking.candidates.size() != std::min(all.size(), request.shortlist_size)) Differ("how many are shown");
  for (std::size_t i = 0; i < ranking.candidates.size(); ++i) {
    if (ranking.candidates[i].listing->therapist->id != all[i].second) Differ("who is shown");
  }
}

void Change(State& state, Input& input) {
  RandomNetwork network(input.Number());
  const std::string id = absl::StrCat("t", input.Byte() % 64);
  Event event{state.position + 1, RandomNetwork::Now(), {}};
  switch (input.Byte() % 8) {
    case 0:
      event.what = TherapistDeleted{id};
      break;
    case 1:
      event.what = SlotReserved{absl::StrCat("r", event.position),
                                id,
                                "c1",
                                RandomNetwork::Now() + absl::Seconds(input.Byte()),
                                {}};
      break;
    case 2:
      event.what =
          ReachRecorded{id, "", static_cast<ReachOutcome>(1 + input.Byte() % 3), RandomNetwork::Now()};
      break;
    case 3: {
      FitCheck fit_check;
      fit_check.client_id = absl::StrCat("c", input.Byte() % 4);
      fit_check.therapist_id = id;
      fit_check.verdict = static_cast<Verdict>(1 + input.Byte() % 3);
      fit_check.answers = {{"heard", static_cast<double>(input.Byte() % 11)}};
      fit_check.context = network.MakeNeeds().context;
      event.what = FitRecorded{fit_check};
      break;
    }
    default: {
      auto therapist = std::make_shared<Therapist>(*network.MakeListing(id)->therapist);
      const std::uint8_t odd = input.Byte();
      if (odd == 1) therapist->style[0] = input.Real();
      if (odd == 2) therapist->last_confirmed = absl::InfiniteFuture();
      if (odd == 3) therapist->wait_weeks = static_cast<double>(input.Number());
      event.what = TherapistUpserted{therapist};
      break;
    }
  }
  Apply(event, state);
}

}  // namespace
}  // namespace rapport::matcher

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rapport::matcher;
  static const std::shared_ptr<const Catalog> catalog = SmallCatalog();
  Input input(data, size);
  State state(catalog);
  std::vector<State> versions;
  while (!input.empty()) {
    const std::uint8_t what = input.Byte();
    if (what % 4 == 0) {
      Search(state, input);
    } else {
      Change(state, input);
    }
    if (what == 1 && versions.size() < 4) versions.push_back(state);
  }
  for (const State& version : versions) {
    Input again(data, size);
    Search(version, again);
  }
  return 0;
}
