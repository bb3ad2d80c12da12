// The story's facts, in words of the built-in catalog.
#include "services/cli/walkthrough/story.h"

namespace rapport::cli {
namespace {

void AddAnswer(google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers, const char* id,
               double value) {
  auto& answer = *answers.Add();
  answer.set_id(id);
  answer.set_value(value);
}

void AddStyleWish(matcher::v1::Needs& needs, const char* dimension, double value, double strength) {
  auto& wish = *needs.add_wishes();
  wish.mutable_style()->set_dimension(dimension);
  wish.mutable_style()->set_value(value);
  wish.set_strength(strength);
}

}  // namespace

matcher::v1::Needs StoryNeeds() {
  matcher::v1::Needs needs;
  auto& location = *needs.mutable_location();
  location.set_region("US-MA");
  location.set_city("Boston");
  location.set_latitude(42.36);
  location.set_longitude(-71.06);
  needs.add_payers("blue_cross_blue_shield");
  needs.add_languages("en");
  needs.set_age_group("adult");
  needs.set_format("individual");
  needs.add_modalities("in_person");
  needs.add_modalities("video");
  needs.set_max_distance_km(15);
  for (const auto day :
       {therapist::v1::WEEKDAY_MONDAY, therapist::v1::WEEKDAY_WEDNESDAY, therapist::v1::WEEKDAY_THURSDAY}) {
    auto& hours = *needs.add_hours();
    hours.set_day(day);
    hours.set_start_hour(17);
    hours.set_end_hour(20);
  }
  needs.set_time_zone("America/New_York");
  needs.add_concerns("grief");
  needs.add_concerns("anxiety");
  needs.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_NONE);
  AddStyleWish(needs, "directiveness", .6, .7);
  auto& approach = *needs.add_wishes();
  approach.set_approach("cbt");
  approach.set_strength(.3);
  auto& facet = *needs.add_wishes();
  facet.set_facet("heard");
  facet.set_strength(1);
  return needs;
}

matcher::v1::Needs StoryNeedsAtRisk() {
  matcher::v1::Needs needs = StoryNeeds();
  needs.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ACUTE);
  return needs;
}

feedback::v1::FitCheck DisappointedFitCheck() {
  feedback::v1::FitCheck check;
  check.set_session_number(1);
  AddAnswer(*check.mutable_answers(), "heard_respected", 3);
  AddAnswer(*check.mutable_answers(), "goals_topics", 6);
  AddAnswer(*check.mutable_answers(), "come_back", 2);
  AddAnswer(*check.mutable_facets(), "heard", 2);
  AddAnswer(*check.mutable_facets(), "respected", 7);
  check.add_frictions("advice_before_understanding");
  check.add_frictions("too_directive");
  check.set_verdict(matcher::v1::VERDICT_WOULD_NOT_CONTINUE);
  return check;
}

feedback::v1::FitCheck ContentFitCheck() {
  feedback::v1::FitCheck check;
  check.set_session_number(1);
  AddAnswer(*check.mutable_answers(), "heard_respected", 9);
  AddAnswer(*check.mutable_answers(), "goals_topics", 8);
  AddAnswer(*check.mutable_answers(), "way_of_working", 9);
  AddAnswer(*check.mutable_answers(), "come_back", 10);
  AddAnswer(*check.mutable_facets(), "heard", 9);
  AddAnswer(*check.mutable_facets(), "at_ease", 8);
  check.set_verdict(matcher::v1::VERDICT_WOULD_CONTINUE);
  return check;
}

}  // namespace rapport::cli
