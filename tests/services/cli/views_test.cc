// How results look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <utility>

#include "absl/strings/str_split.h"
#include "services/cli/views/advice.h"
#include "services/cli/views/explanation.h"
#include "services/cli/views/feedback.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/referral.h"
#include "services/cli/views/rules.h"
#include "services/cli/views/shortlist.h"
#include "services/cli/views/table.h"
#include "services/cli/walkthrough/what_changed.h"

namespace rapport::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Table, AlignsByCharactersNotBytes) {
  Table table({{"name"}, {"n", Align::kRight}});
  table.Add({"Zoë", "1"});
  table.Add({"Bob", "12"});
  std::ostringstream out;
  table.Print(out, 2);
  EXPECT_EQ(out.str(), "  name   n\n  Zoë    1\n  Bob   12\n");
}

TEST(Table, CutsLongCellsAndOmitsEmptyTitles) {
  Table table({{"", Align::kLeft, 5}, {""}});
  table.Add({"Zoëlle Long", "x"});
  table.Add({"Zoëll", ""});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "Zoël…  x\nZoëll\n");
}

TEST(Wrap, BreaksAtSpacesUnderTheText) {
  std::ostringstream out;
  Wrap(out, "one two three four", "- ", "  ", 10);
  EXPECT_EQ(out.str(), "- one two\n  three\n  four\n");
}

TEST(Numbers, AreShort) {
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Probability(.614), ".61");
  EXPECT_EQ(Probability(1), "1.00");
  EXPECT_EQ(Interval(.42, .77), "(.42–.77)");
  EXPECT_EQ(Signed(-.081), "−0.08");
  EXPECT_EQ(Signed(-.001), "0.00");
  EXPECT_EQ(Weeks(0), "now");
  EXPECT_EQ(Weeks(1.5), "1.5 wk");
  EXPECT_EQ(Kilometres(12.3), "12 km");
}

intake::v1::Shortlist Example() {
  intake::v1::Shortlist shortlist;
  shortlist.set_therapists(300);
  shortlist.set_eligible(12);
  auto& candidate = *shortlist.add_candidates();
  candidate.set_therapist_id("t-0042");
  candidate.set_display_name("Bartholomew Featherstonehaugh");
  candidate.set_title("LICSW");
  candidate.mutable_score()->set_p_good(.61);
  candidate.mutable_score()->set_p_good_low(.4);
  candidate.mutable_score()->set_p_good_high(.77);
  candidate.set_wait_weeks(10.5);
  candidate.set_distance_km(9.9);
  candidate.set_seats_free(12);
  candidate.mutable_evidence()->set_therapist_clients(1234);
  for (const char* sentence : {"first", "second", "third", "fourth"}) candidate.add_sentences(sentence);
  auto& exclusion = *shortlist.add_exclusions();
  exclusion.set_rule(matcher::v1::RULE_LICENCE);
  exclusion.set_therapists(214);
  exclusion.set_only_this_rule(3);
  shortlist.add_exclusions()->set_rule(matcher::v1::RULE_FEE);
  shortlist.add_relaxations()->set_sentence("without the distance limit: 34 more");
  return shortlist;
}

TEST(Shortlist, SaysWhoWhyAndWhyNotTheOthersWithinAHundredColumns) {
  matcher::v1::Needs needs;
  needs.mutable_location()->set_region("US-MA");
  std::ostringstream out;
  PrintShortlist(out, Example(), needs);
  const std::string text = out.str();
  EXPECT_THAT(text, HasSubstr(".61 (.40–.77)"));
  EXPECT_THAT(text, HasSubstr("1  Bartholomew Featherstonehaugh, LICSW\n   first\n   second\n   third\n"));
  EXPECT_THAT(text, Not(HasSubstr("fourth")));
  EXPECT_THAT(text, HasSubstr("Of 300 therapists, 12 pass every rule."));
  EXPECT_THAT(text, HasSubstr("214  not licensed in US-MA (3 for this alone)"));
  EXPECT_THAT(text, Not(HasSubstr("fee above"))) << "nobody was excluded by it";
  EXPECT_THAT(text, HasSubstr("- without the distance limit"));
  for (absl::string_view line : absl::StrSplit(text, '\n')) EXPECT_LE(Width(line), 100u) << line;
}

// A rule excludes those too of whom nothing is known: a label that left them out would be false of them.
TEST(Rules, SayWhomTheyExcludeBesidesThoseWhoFail) {
  matcher::v1::Needs needs;
  needs.mutable_location()->set_region("US-MA");
  needs.set_max_distance_km(25);
  needs.mutable_max_fee()->set_currency("USD");
  needs.mutable_max_fee()->set_minor_units(12000);
  EXPECT_EQ(WhyExcluded(matcher::v1::RULE_FEE, needs),
            "fee above 120.00 USD, in another currency, or not known");
  EXPECT_EQ(WhyExcluded(matcher::v1::RULE_HOURS, needs), "no hour of the week in common, or hours not known");
  EXPECT_EQ(WhyExcluded(matcher::v1::RULE_DISTANCE, needs),
            "at a distance unknown: the client's coordinates are missing");
  needs.mutable_location()->set_latitude(42.36);
  needs.mutable_location()->set_longitude(-71.06);
  EXPECT_EQ(WhyExcluded(matcher::v1::RULE_DISTANCE, needs), "farther than 25 km, or place not known");
}

TEST(Shortlist, AnIdThatTheTableCutsIsToldInFull) {
  intake::v1::Shortlist shortlist = Example();
  std::ostringstream brief;
  PrintShortlist(brief, shortlist, {});
  EXPECT_THAT(brief.str(), HasSubstr("Featherstonehaugh, LICSW\n"));
  shortlist.mutable_candidates(0)->set_therapist_id("p-0931b5ec-long");
  std::ostringstream full;
  PrintShortlist(full, shortlist, {});
  EXPECT_THAT(full.str(), HasSubstr("Featherstonehaugh, LICSW  p-0931b5ec-long\n"));
}

TEST(Explanation, AddsUpTheTermsItShows) {
  matcher::v1::ExplainMatchResponse explanation;
  auto& rule = *explanation.add_rules();
  rule.set_rule(matcher::v1::RULE_SEAT);
  rule.set_sentence("0 of 2 seats free");
  auto& score = *explanation.mutable_candidate()->mutable_score();
  for (const double value : {.25, -.125}) {
    auto& term = *score.add_bond_terms();
    term.set_code("wish:heard");
    term.set_value(value);
  }
  std::ostringstream out;
  PrintExplanation(out, explanation);
  EXPECT_THAT(out.str(), HasSubstr("✗  seat  0 of 2 seats free"));
  EXPECT_THAT(out.str(), HasSubstr("= +0.1250  mean of the bond"));
  EXPECT_THAT(out.str(), HasSubstr("never proposed"));
}

TEST(Advice, NamesEachProbabilityByWhatItIs) {
  matcher::v1::Advice advice;
  advice.set_next_step(matcher::v1::NEXT_STEP_TRY_ANOTHER);
  advice.set_p_bond_if_stay(.21);
  std::ostringstream alone;
  PrintAdvice(alone, advice);
  EXPECT_THAT(alone.str(), HasSubstr("bond where the client is  .21"));
  EXPECT_THAT(alone.str(), HasSubstr("nobody is eligible now"));
  EXPECT_THAT(alone.str(), Not(HasSubstr("not alike")));
  advice.set_alternative_therapist_id("t-9");
  advice.set_p_good_of_alternative(.18);
  std::ostringstream with_another;
  PrintAdvice(with_another, advice);
  EXPECT_THAT(with_another.str(), HasSubstr("a place, a start and a bond there    .18"));
  EXPECT_THAT(with_another.str(), HasSubstr("not alike"));
  EXPECT_THAT(with_another.str(), Not(HasSubstr("good bond")));
}

TEST(Feedback, TellsWhatTheMatcherHasNotHeardAndWhy) {
  google::protobuf::RepeatedPtrField<feedback::v1::Feedback> list;
  auto& refused = *list.Add();
  refused.set_delivery(feedback::v1::DELIVERY_REFUSED);
  refused.set_delivery_error("no therapist t-9 in this network");
  refused.mutable_fit_check()->set_client_id("c-1");
  refused.mutable_fit_check()->set_verdict(matcher::v1::VERDICT_WOULD_NOT_CONTINUE);
  refused.mutable_fit_check()->add_frictions("rushed");
  auto& pending = *list.Add();
  pending.set_delivery(feedback::v1::DELIVERY_PENDING);
  pending.mutable_instrument()->set_client_id("c-2");
  std::ostringstream out;
  PrintFeedback(out, list);
  EXPECT_THAT(out.str(), HasSubstr("refused   would not continue rushed"));
  EXPECT_THAT(out.str(), HasSubstr("c-1: no therapist t-9 in this network"));
  EXPECT_THAT(out.str(), HasSubstr("pending"));
  EXPECT_THAT(DeliveryInWords(feedback::v1::DELIVERY_PENDING, 0), HasSubstr("wait before try-another"));
}

TEST(Referral, DoesNotPromiseTheMatcherWhereItMayRefuse) {
  intake::v1::Referral referral;
  referral.set_referral_id("ref_1");
  referral.set_state(intake::v1::REFERRAL_STATE_SUBMITTED);
  std::ostringstream out;
  PrintReferral(out, referral);
  EXPECT_THAT(out.str(), HasSubstr("rapport referral watch ref_1"));
  EXPECT_THAT(out.str(), HasSubstr("refuses the"));
}

TEST(Referral, NamesTheStateAndTheNextStep) {
  intake::v1::Referral referral;
  referral.set_referral_id("ref_1");
  referral.set_state(intake::v1::REFERRAL_STATE_IN_THERAPY);
  auto& attempt = *referral.add_attempts();
  attempt.set_therapist_id("t-1");
  attempt.set_state(intake::v1::ATTEMPT_STATE_NO_ANSWER);
  std::ostringstream out;
  PrintReferral(out, referral);
  EXPECT_THAT(out.str(), HasSubstr("in therapy"));
  EXPECT_THAT(out.str(), HasSubstr("no answer"));
  EXPECT_THAT(out.str(), HasSubstr("rapport referral try-another ref_1"));
}

TEST(WhatChanged, NamesTheTermsThatMovedMostFirst) {
  matcher::v1::Score before;
  matcher::v1::Score after;
  auto add = [](matcher::v1::Score& score, const char* code, double value) {
    auto& term = *score.add_bond_terms();
    term.set_code(code);
    term.set_value(value);
    term.set_sentence(code);
  };
  add(before, "prior", .5);
  add(before, "wish:directiveness", .2);
  add(after, "prior", .5);
  add(after, "wish:directiveness", .1);
  add(after, "slope:heard", -.3);
  const auto moved = MovedTerms(before, after);
  ASSERT_EQ(moved.size(), 2u);
  EXPECT_EQ(moved[0].code, "slope:heard");
  EXPECT_EQ(moved[1].code, "wish:directiveness");
}

TEST(WhatChanged, TellsOnceWhatMovedForEverybody) {
  Candidates before;
  Candidates after;
  auto add = [](Candidates& candidates, const char* id, double client, double wish) {
    auto& candidate = *candidates.Add();
    candidate.set_therapist_id(id);
    candidate.set_display_name(id);
    for (const auto& [code, value] : {std::pair<const char*, double>{"client", client}, {"wish", wish}}) {
      auto& term = *candidate.mutable_score()->add_bond_terms();
      term.set_code(code);
      term.set_value(value);
      term.set_sentence(code);
    }
  };
  add(before, "Ana", 0, .1);
  add(before, "Ben", 0, .2);
  add(after, "Ben", -.5, .3);
  add(after, "Ana", -.5, -.1);
  add(after, "New", -.5, 0);
  std::ostringstream out;
  PrintWhatChanged(out, before, after, 5);
  EXPECT_THAT(out.str(), HasSubstr("everybody alike, so it moves nobody's place\n    0.00 → −0.50  client\n"
                                   "  Ben\n    +0.20 → +0.30  wish\n  Ana\n    +0.10 → −0.10  wish\n"));
}

}  // namespace
}  // namespace rapport::cli
