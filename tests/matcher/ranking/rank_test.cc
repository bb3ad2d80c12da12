// Shortlists on random networks: lawful, exact, deterministic, and with reasons that are the score's own
// arithmetic.
#include "matcher/ranking/rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "matcher/fit/normal.h"
#include "tests/support/random_history.h"

namespace rapport::matcher {
namespace {

// The plain reference: score everybody who passes the predicate, sort all of them. Returns how many pass.
std::int64_t ExpectTopOfAFullSort(const State& state, const RankRequest& request) {
  const Query query = QueryOf(state, request);
  const ClientView client = state.model.View(request.client_id, request.needs.context);
  std::vector<std::pair<double, std::string>> all;
  state.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
    if (FailedRules(query, *listing).any()) return;
    all.emplace_back(-ScorePair(state, client, *listing, query.now, [](BondPart, int, double) {}).log_score,
                     listing->therapist->id);
  });
  std::sort(all.begin(), all.end());
  const Ranking ranking = Rank(state, request);
  EXPECT_EQ(ranking.eligible, static_cast<std::int64_t>(all.size()));
  EXPECT_EQ(std::accumulate(ranking.first_failed.begin(), ranking.first_failed.end(), ranking.eligible),
            ranking.therapists);
  const std::size_t shown = std::min(all.size(), request.shortlist_size);
  EXPECT_EQ(ranking.candidates.size(), shown);
  for (std::size_t k = 0; k < std::min(shown, ranking.candidates.size()); ++k) {
    EXPECT_EQ(ranking.candidates[k].listing->therapist->id, all[k].second);
    EXPECT_EQ(ranking.candidates[k].score.log_score, -all[k].first) << "the formula's own number, to the bit";
  }
  return ranking.eligible;
}

class RankTest : public ::testing::Test {
 protected:
  RankTest() : network_(11), state_(SmallCatalog()) {
    for (const Event& event : RandomHistory(network_, 400, 4000)) Apply(event, state_);
  }

  RankRequest MakeRequest() {
    RankRequest request;
    request.client_id = absl::StrCat("c", network_.Below(40));
    request.needs = network_.MakeNeeds();
    request.shortlist_size = 1 + network_.Below(20);
    request.now = RandomNetwork::Now();
    for (std::uint64_t i = network_.Below(4); i > 0; --i) {
      request.tried_therapist_ids.push_back(absl::StrCat("t", network_.Below(400)));
    }
    return request;
  }

  static double Sum(absl::Span<const Term> terms) {
    return std::accumulate(terms.begin(), terms.end(), 0.0,
                           [](double sum, const Term& term) { return sum + term.value; });
  }

  RandomNetwork network_;
  State state_;
};

TEST_F(RankTest, NobodyIsShownWhoFailsARule) {
  int shown = 0;
  for (int i = 0; i < 400; ++i) {
    const RankRequest request = MakeRequest();
    const Query query = QueryOf(state_, request);
    for (const Candidate& candidate : Rank(state_, request).candidates) {
      ASSERT_TRUE(FailedRules(query, *candidate.listing).none()) << candidate.listing->therapist->id;
      const ClientState* client = state_.model.Client(request.client_id);
      ASSERT_FALSE(client != nullptr &&
                   std::binary_search(client->therapists.begin(), client->therapists.end(),
                                      candidate.listing->therapist->id));
      ++shown;
    }
  }
  EXPECT_GT(shown, 200) << "the random needs must leave somebody";
}

TEST(ScoreTest, AChanceTooSmallForANumberIsZeroAtBothEnds) {
  Score score;
  score.bond.mean = -100;
  score.bond.variance = 1e-4;
  score.log_bond = std::log(score.bond.Probability());
  EXPECT_EQ(score.Good(), 0);
  EXPECT_EQ(score.GoodInterval().low, 0);
  EXPECT_EQ(score.GoodInterval().high, 0);
}

// Drawn from the beliefs themselves: how often what is true lies below, and above.
TEST(ScoreTest, TheIntervalOfAGoodBondHoldsTheTruth) {
  std::mt19937_64 random(7);
  constexpr int kDraws = 20'000;
  double below_sum = 0, above_sum = 0;
  int cases = 0;
  for (const auto& [taken, not_taken] :
       {std::pair(2., 2.), {5., 2.}, {2., 5.}, {32., 2.}, {20., 20.}, {400., 20.}}) {
    for (const double mean : {-2., -.5, .7, 2.}) {
      for (const double variance : {.05, .3, .9}) {
        Score score;
        score.reach = {std::log(taken / (taken + not_taken)), taken, not_taken, 0};
        score.bond.mean = mean;
        score.bond.variance = variance;
        score.log_reach = score.reach.log_probability;
        score.log_start = std::log(.8);
        score.log_bond = std::log(score.bond.Probability());
        const Score::Interval interval = score.GoodInterval();
        EXPECT_LE(interval.high, .8) << "nobody attends more surely than they start";
        std::gamma_distribution<> yes(taken), no(not_taken);
        std::normal_distribution<> latent(mean, std::sqrt(variance));
        int below = 0, above = 0;
        for (int i = 0; i < kDraws; ++i) {
          const double a = yes(random), b = no(random);
          const double good = a / (a + b) * .8 * NormalCdf(latent(random));
          below += good < interval.low;
          above += good > interval.high;
        }
        EXPECT_LT(below, .045 * kDraws) << taken << " " << not_taken << " " << mean << " " << variance;
        EXPECT_LT(above, .085 * kDraws) << taken << " " << not_taken << " " << mean << " " << variance;
        below_sum += below;
        above_sum += above;
        ++cases;
      }
    }
  }
  EXPECT_NEAR(below_sum / (cases * kDraws), .025, .005);
  EXPECT_NEAR(above_sum / (cases * kDraws), .03, .01);
}

TEST_F(RankTest, TheShortlistIsTheTopOfAFullSort) {
  for (int i = 0; i < 200; ++i) ExpectTopOfAFullSort(state_, MakeRequest());
}

// One place with more therapists than a block holds, filled by falling access, so that most stretches of rows
// are passed over unread; and the same after changes that put rows anywhere.
TEST(CrowdedPlace, TheShortlistIsTheTopOfAFullSort) {
  RandomNetwork network(29);
  const int therapists = static_cast<int>(Bitmap::kRows) * 3 / 2;
  State state(SmallCatalog());
  std::vector<std::shared_ptr<const Listing>> listings;
  const auto make = [&](int number) {
    auto listing = std::make_shared<Listing>(*network.MakeListing(absl::StrCat("t", number)));
    auto therapist = std::make_shared<Therapist>(*listing->therapist);
    therapist->place = Place{"US-MA", "", std::nullopt};
    therapist->wait_weeks = static_cast<double>(network.Below(30));
    listing->therapist = std::move(therapist);
    return listing;
  };
  for (int i = 0; i < therapists; ++i) listings.push_back(make(i));
  FillDirectory(listings, state);
  std::int64_t eligible = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) {
      RankRequest request;
      request.client_id = absl::StrCat("c", i);
      request.needs = network.MakeNeeds();
      request.shortlist_size = 1 + network.Below(20);
      request.now = RandomNetwork::Now();
      eligible += ExpectTopOfAFullSort(state, request);
    }
    for (int i = 0; i < 500; ++i) {
      const int number = static_cast<int>(network.Below(static_cast<std::uint64_t>(therapists)));
      if (network.Chance(30)) {
        state.directory.Remove(absl::StrCat("t", number));
      } else {
        const auto listing = make(number);
        state.directory.Put(listing, StandingOf(state, *listing));
      }
    }
  }
  EXPECT_GT(eligible, 10'000) << "most searches must have far more to rank than they show";
}

// Where many answers of clients with one concern tell of effect and record together, the two are known far
// better than either: a place's ceiling must not take the effect alone for what is uncertain. One therapist a
// place, so that a ceiling is a person's.
TEST(WellKnownRecords, TheShortlistIsTheTopOfAFullSort) {
  RandomNetwork network(31);
  CatalogLists lists = SmallCatalog()->lists();
  lists.settings.client_variance_share = .05;
  lists.settings.therapist_variance_share = .4;
  lists.settings.track_record_variance_share = .4;
  State state(Catalog::Create(lists).value());
  // Somebody whom some clients may see, wherever that is.
  std::shared_ptr<const Listing> base;
  std::vector<Needs> needs;
  while (needs.size() < 3) {
    base = network.MakeListing("t");
    needs.clear();
    for (int i = 0; i < 40; ++i) {
      RankRequest request;
      request.needs = network.MakeNeeds();
      request.needs.musts.max_distance_km.reset();
      request.now = RandomNetwork::Now();
      if (FailedRules(QueryOf(state, request), *base).none()) needs.push_back(request.needs);
    }
  }
  std::vector<std::shared_ptr<const Listing>> listings;
  double least_along = 0;
  for (int t = 0; t < 150; ++t) {
    auto listing = std::make_shared<Listing>(*base);
    auto therapist = std::make_shared<Therapist>(*base->therapist);
    therapist->id = absl::StrCat("t", t);
    therapist->place = Place{absl::StrCat("XX-", t), "", std::nullopt};
    therapist->credentials.push_back(
        {therapist->place->region, CredentialKind::kLicence, true, {}, {}, "", {}});
    listing->therapist = therapist;
    for (int i = static_cast<int>(network.Below(25)); i >= 0; --i) {
      FitCheck fit_check;
      fit_check.client_id = absl::StrCat("heard", t, "-", i);
      fit_check.therapist_id = therapist->id;
      fit_check.verdict = network.Chance(90) ? Verdict::kWouldContinue : Verdict::kUnsure;
      fit_check.context.emplace().concerns = {1};
      state.model.Learn(fit_check, therapist.get());
    }
    least_along = std::min(least_along, state.model.TherapistOf(therapist->id)->records.all[0].along);
    listings.push_back(std::move(listing));
  }
  EXPECT_LT(least_along, -.5);
  FillDirectory(listings, state);
  std::int64_t eligible = 0;
  for (int i = 0; i < 60; ++i) {
    RankRequest request;
    request.client_id = absl::StrCat("c", i);
    request.now = RandomNetwork::Now();
    request.needs = needs[static_cast<std::size_t>(i) % needs.size()];
    request.needs.context.concerns = {static_cast<Word>(1 + i % 2)};
    request.shortlist_size = static_cast<std::size_t>(1 + i % 10);
    eligible += ExpectTopOfAFullSort(state, request);
  }
  EXPECT_GT(eligible, 1'000);
}

TEST_F(RankTest, ReasonsSumToTheScore) {
  int checked = 0;
  for (int i = 0; i < 200; ++i) {
    for (const Candidate& candidate : Rank(state_, MakeRequest()).candidates) {
      const Score& score = candidate.score;
      ASSERT_NEAR(Sum(candidate.explanation.terms), score.log_score, 1e-9);
      ASSERT_NEAR(Sum(candidate.explanation.bond_terms), score.bond.mean, 1e-9);
      ASSERT_NEAR(std::log(score.Good()), score.log_score + score.price, 1e-9);
      ASSERT_NEAR(std::exp(score.log_bond), score.bond.Probability(), 1e-12);
      ASSERT_LE(score.GoodInterval().low, score.Good());
      ASSERT_GE(score.GoodInterval().high, score.Good());
      ASSERT_LE(score.GoodInterval().high, 1);
      for (const Term& term : candidate.explanation.bond_terms)
        ASSERT_FALSE(term.sentence.empty()) << term.code;
      ++checked;
    }
  }
  EXPECT_GT(checked, 100);
}

// Of the first who are scored the parts are kept until they are put into words, of the others they are worked
// out anew: in long shortlists there are both.
TEST_F(RankTest, EverybodyIsDescribedAsByThemselves) {
  std::size_t longest = 0;
  for (int i = 0; i < 300; ++i) {
    RankRequest request = MakeRequest();
    request.shortlist_size = 100;
    request.needs.musts.payers.clear();
    request.needs.musts.languages.clear();
    request.needs.musts.modalities.clear();
    request.needs.musts.required_tags.clear();
    const Query query = QueryOf(state_, request);
    const ClientView client = state_.model.View(request.client_id, request.needs.context);
    const Ranking ranking = Rank(state_, request);
    longest = std::max(longest, ranking.candidates.size());
    for (const Candidate& candidate : ranking.candidates) {
      TextPool text;
      const Candidate alone = Describe(state_, query, client, *candidate.listing, text);
      ASSERT_EQ(candidate.score.log_score, alone.score.log_score);
      ASSERT_EQ(candidate.explanation.bond_terms.size(), alone.explanation.bond_terms.size());
      for (std::size_t term = 0; term < alone.explanation.bond_terms.size(); ++term) {
        ASSERT_EQ(candidate.explanation.bond_terms[term].code, alone.explanation.bond_terms[term].code);
        ASSERT_EQ(candidate.explanation.bond_terms[term].value, alone.explanation.bond_terms[term].value);
        ASSERT_EQ(candidate.explanation.bond_terms[term].sentence,
                  alone.explanation.bond_terms[term].sentence);
      }
      ASSERT_EQ(candidate.explanation.sentences, alone.explanation.sentences);
    }
  }
  EXPECT_GT(longest, 40u);
}

TEST_F(RankTest, RelaxationsAreWhatASearchWithoutTheRuleFinds) {
  int checked = 0;
  for (int i = 0; i < 300; ++i) {
    RankRequest request = MakeRequest();
    request.shortlist_size = 100;
    const Ranking now = Rank(state_, request);
    for (const Relaxation& relaxation : now.relaxations) {
      RankRequest relaxed = request;
      Musts& musts = relaxed.needs.musts;
      switch (relaxation.rule) {
        case Rule::kLanguage:
          musts.languages.clear();
          break;
        case Rule::kPayer:
          musts.payers.clear();
          break;
        case Rule::kModality:
          musts.modalities.clear();
          break;
        case Rule::kDistance:
          musts.max_distance_km.reset();
          break;
        case Rule::kHours:
          musts.hours.reset();
          break;
        case Rule::kFee:
          musts.max_fee.reset();
          break;
        case Rule::kRequiredTag:
          musts.required_tags.clear();
          break;
        default:
          FAIL() << "a rule of law or safety was offered";
      }
      const Ranking then = Rank(state_, relaxed);
      ASSERT_EQ(then.eligible, now.eligible + relaxation.additional);
      ASSERT_DOUBLE_EQ(then.candidates.front().score.Good() > relaxation.best_now || now.candidates.empty()
                           ? then.candidates.front().score.Good()
                           : relaxation.best_now,
                       relaxation.best_then);
      ++checked;
    }
  }
  EXPECT_GT(checked, 50);
}

TEST_F(RankTest, TheSameRequestOnTheSameStateGivesTheSameNumbers) {
  const RankRequest request = MakeRequest();
  const Ranking first = Rank(state_, request);
  const State copy = state_;
  const Ranking again = Rank(copy, request);
  ASSERT_EQ(first.candidates.size(), again.candidates.size());
  for (std::size_t i = 0; i < first.candidates.size(); ++i) {
    EXPECT_EQ(first.candidates[i].listing->therapist->id, again.candidates[i].listing->therapist->id);
    EXPECT_EQ(first.candidates[i].score.log_score, again.candidates[i].score.log_score);
  }
}

TEST_F(RankTest, AnEmptyNetworkGivesAnEmptyShortlist) {
  const Ranking ranking = Rank(State(SmallCatalog()), MakeRequest());
  EXPECT_TRUE(ranking.candidates.empty());
  EXPECT_EQ(ranking.therapists, 0);
  EXPECT_TRUE(ranking.relaxations.empty());
}

TEST_F(RankTest, AskingForNobodyCountsAll) {
  RankRequest request = MakeRequest();
  const Ranking some = Rank(state_, request);
  request.shortlist_size = 0;
  const Ranking none = Rank(state_, request);
  EXPECT_TRUE(none.candidates.empty());
  EXPECT_EQ(none.eligible, some.eligible);
  EXPECT_EQ(none.first_failed, some.first_failed);
  request.shortlist_size = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(static_cast<std::int64_t>(Rank(state_, request).candidates.size()), some.eligible);
  request.plan = Plan::kTryPlan;
  EXPECT_EQ(static_cast<std::int64_t>(Rank(state_, request).candidates.size()), some.eligible);
}

TEST_F(RankTest, NeedsThatContradictEachOtherLeaveNobody) {
  RankRequest request = MakeRequest();
  request.needs.musts.required_tags = request.needs.musts.excluded_tags = {1};
  const Ranking ranking = Rank(state_, request);
  EXPECT_TRUE(ranking.candidates.empty());
  EXPECT_EQ(ranking.eligible, 0);
  EXPECT_EQ(std::accumulate(ranking.first_failed.begin(), ranking.first_failed.end(), std::int64_t{0}),
            ranking.therapists);
}

TEST_F(RankTest, WishesThatAreNoNumbersAreNotWishedFor) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 20; ++i) {
    RankRequest request = MakeRequest();
    const Ranking plain = Rank(state_, request);
    ClientContext& context = request.needs.context;
    context.styles.push_back({0, kNaN, 1});
    context.styles.push_back({1, 1, kInfinity});
    context.approaches.push_back({0, -kInfinity});
    context.tags.push_back({0, kNaN});
    context.facets.push_back({0, kInfinity});
    const Ranking with = Rank(state_, request);
    ASSERT_EQ(with.candidates.size(), plain.candidates.size());
    for (std::size_t k = 0; k < plain.candidates.size(); ++k) {
      EXPECT_EQ(with.candidates[k].listing, plain.candidates[k].listing);
      EXPECT_EQ(with.candidates[k].score.log_score, plain.candidates[k].score.log_score);
    }
  }
}

TEST_F(RankTest, WishesThatOverflowLeaveRelaxationsNumbers) {
  int relaxations = 0;
  for (int i = 0; i < 60; ++i) {
    RankRequest request = MakeRequest();
    request.with_relaxations = true;
    request.needs.context.styles.push_back({0, -1e300, -1e300});
    const Ranking ranking = Rank(state_, request);
    for (const Relaxation& relaxation : ranking.relaxations) {
      ++relaxations;
      EXPECT_GE(relaxation.best_now, 0);
      EXPECT_LE(relaxation.best_now, relaxation.best_then);
      EXPECT_LE(relaxation.best_then, 1);
    }
  }
  EXPECT_GT(relaxations, 20);
}

TEST_F(RankTest, TenThousandTagsAreRankedExactly) {
  RankRequest request = MakeRequest();
  request.needs.musts = network_.MakeNeeds().musts;
  request.needs.musts.required_tags.clear();
  request.needs.musts.excluded_tags.clear();
  request.needs.context.tags.clear();
  for (int i = 0; i < 10'000; ++i) request.needs.context.tags.push_back({static_cast<Word>(i), 1e-4});
  const Query query = QueryOf(state_, request);
  const ClientView client = state_.model.View(request.client_id, request.needs.context);
  double best = -std::numeric_limits<double>::infinity();
  state_.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
    if (FailedRules(query, *listing).any()) return;
    best = std::max(best,
                    ScorePair(state_, client, *listing, query.now, [](BondPart, int, double) {}).log_score);
  });
  request.with_reasons = false;
  const Ranking ranking = Rank(state_, request);
  if (ranking.eligible > 0) {
    EXPECT_EQ(ranking.candidates[0].score.log_score, best);
  }
  for (Word tag = 0; tag < 10'000; ++tag) request.needs.musts.required_tags.push_back(tag);
  EXPECT_EQ(Rank(state_, request).eligible, 0);
}

// Numbers that no line holds, and moments at the ends of time: slower, never wrong.
TEST_F(RankTest, WhatNoLineCanSayIsScoredExactly) {
  for (int i = 0; i < 30; ++i) {
    auto listing = network_.MakeListing(absl::StrCat("odd", i));
    auto therapist = std::make_shared<Therapist>(*listing->therapist);
    therapist->style[0] = i % 3 == 0 ? 1e9 : -5e4;
    therapist->wait_weeks = i % 2 == 0 ? 1e5 : 1;
    therapist->last_confirmed = RandomNetwork::Now() + absl::Hours(24 * 365 * 60) * (i % 2);
    Apply({state_.position + 1, RandomNetwork::Now(), TherapistUpserted{therapist}}, state_);
  }
  int odd = 0;
  for (int i = 0; i < 200; ++i) {
    RankRequest request = MakeRequest();
    request.with_relaxations = false;
    const Query query = QueryOf(state_, request);
    const ClientView client = state_.model.View(request.client_id, request.needs.context);
    std::vector<std::pair<double, std::string>> all;
    state_.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
      if (FailedRules(query, *listing).any()) return;
      all.emplace_back(
          -ScorePair(state_, client, *listing, query.now, [](BondPart, int, double) {}).log_score,
          listing->therapist->id);
    });
    std::sort(all.begin(), all.end());
    const Ranking ranking = Rank(state_, request);
    ASSERT_EQ(ranking.candidates.size(), std::min(all.size(), request.shortlist_size));
    for (std::size_t k = 0; k < ranking.candidates.size(); ++k) {
      ASSERT_EQ(ranking.candidates[k].listing->therapist->id, all[k].second);
      odd += all[k].second.starts_with("odd");
    }
  }
  EXPECT_GT(odd, 5);
}

// Two therapists alike but for how they work: what a client's friction taught must turn their order.
TEST(RankJourneyTest, AFrictionTurnsTheOrderOfTheNextSearch) {
  RandomNetwork network(3);
  const auto catalog = SmallCatalog();
  const absl::Time now = RandomNetwork::Now();
  Needs needs;
  needs.musts.location.region = "US-MA";
  const auto make = [&](const std::string& id, double directiveness) {
    auto therapist = std::make_shared<Therapist>();
    therapist->id = id;
    therapist->credentials = {{"US-MA", CredentialKind::kLicence, true, {}, {}, "", {}}};
    therapist->age_groups = {0};
    therapist->formats = {0};
    therapist->modalities = {1};
    therapist->seats = 1;
    therapist->last_confirmed = now;
    therapist->style = {directiveness, std::nullopt, std::nullopt};
    return therapist;
  };
  State state(catalog);
  Apply({1, now, TherapistUpserted{make("follows", -1)}}, state);
  Apply({2, now, TherapistUpserted{make("leads", 1)}}, state);
  Apply({3, now, TherapistUpserted{make("first", 0)}}, state);
  RankRequest request{"c1", needs, {"first"}, 5, true, now};
  const Ranking before = Rank(state, request);
  ASSERT_EQ(before.candidates.size(), 2u);
  EXPECT_EQ(before.candidates[0].listing->therapist->id, "follows") << "alike, so by id";

  FitCheck fit_check{
      "f1", "c1", "first", 1, now, Verdict::kWouldNotContinue, {}, {*catalog->FrictionWord("too_passive")},
      {}};
  Apply({4, now, FitRecorded{fit_check}}, state);
  request.tried_therapist_ids.clear();
  const Ranking after = Rank(state, request);
  ASSERT_EQ(after.candidates.size(), 2u) << "nobody is proposed twice, asked for or not";
  EXPECT_EQ(after.candidates[0].listing->therapist->id, "leads");
  const std::vector<std::string> learned = LearnedInWords(state, *state.model.Client("c1"));
  ASSERT_EQ(learned.size(), 1u);
  EXPECT_NE(learned[0].find("Too passive"), std::string::npos) << learned[0];
  EXPECT_NE(learned[0].find("leads"), std::string::npos) << learned[0];

  // What asked for the opposite is no reason for it.
  FitCheck other = fit_check;
  other.id = "f2";
  other.frictions = {*catalog->FrictionWord("too_pushy")};
  Apply({5, now, FitRecorded{other}}, state);
  const std::vector<std::string> both = LearnedInWords(state, *state.model.Client("c1"));
  ASSERT_EQ(both.size(), 1u);
  EXPECT_NE(both[0].find("Too passive"), std::string::npos) << both[0];
  EXPECT_EQ(both[0].find("Too pushy"), std::string::npos) << both[0];
}

}  // namespace
}  // namespace rapport::matcher
