// Bad requests: every violation is told at once, under the path where it stands, and nothing is kept.
#include "services/feedback/validate.h"

#include <functional>
#include <limits>
#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/contract/convert.h"
#include "tests/services/feedback/bench.h"

namespace rapport::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::TestWithParam;
using ::testing::ValuesIn;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<std::string> PathsOf(const runtime::Violations& violations) {
  return Paths(violations.ToStatus());
}

void Add(google::protobuf::RepeatedPtrField<matcher::v1::Answer>* answers, const std::string& id,
         double value) {
  matcher::v1::Answer& answer = *answers->Add();
  answer.set_id(id);
  answer.set_value(value);
}

struct FitCheckCase {
  const char* name;
  std::function<void(v1::RecordFitCheckRequest&)> spoil;
  std::vector<std::string> paths;
};

// How test runners show it.
void PrintTo(const FitCheckCase& one, std::ostream* out) {
  *out << one.name;
}

const std::vector<FitCheckCase>& FitCheckCases() {
  using Request = v1::RecordFitCheckRequest;
  static const std::vector<FitCheckCase>& cases = *new std::vector<FitCheckCase>{
      {"NoRequestId", [](Request& r) { r.clear_request_id(); }, {"request_id"}},
      {"LongRequestId", [](Request& r) { r.set_request_id(std::string(129, 'a')); }, {"request_id"}},
      {"NoClient", [](Request& r) { r.mutable_fit_check()->clear_client_id(); }, {"fit_check.client_id"}},
      {"BadClient",
       [](Request& r) { r.mutable_fit_check()->set_client_id("Jane Doe"); },
       {"fit_check.client_id"}},
      {"NoTherapist",
       [](Request& r) { r.mutable_fit_check()->clear_therapist_id(); },
       {"fit_check.therapist_id"}},
      {"BadReferral",
       [](Request& r) { r.mutable_fit_check()->set_referral_id("a b"); },
       {"fit_check.referral_id"}},
      {"NegativeSession",
       [](Request& r) { r.mutable_fit_check()->set_session_number(-1); },
       {"fit_check.session_number"}},
      {"SessionBeyondTheLimit",
       [](Request& r) { r.mutable_fit_check()->set_session_number(10'001); },
       {"fit_check.session_number"}},
      {"NoTime", [](Request& r) { r.mutable_fit_check()->clear_occurred_at(); }, {"fit_check.occurred_at"}},
      {"InTheFuture",
       [](Request& r) {
         *r.mutable_fit_check()->mutable_occurred_at() =
             contract::ToTimestamp(TestNow() + absl::Minutes(5) + absl::Seconds(1));
       },
       {"fit_check.occurred_at"}},
      {"NoRealTime",
       [](Request& r) { r.mutable_fit_check()->mutable_occurred_at()->set_nanos(-1); },
       {"fit_check.occurred_at"}},
      {"UnknownQuestion",
       [](Request& r) { Add(r.mutable_fit_check()->mutable_answers(), "nonsense", 5); },
       {"fit_check.answers[1].id"}},
      {"FacetAmongAnswers",
       [](Request& r) { Add(r.mutable_fit_check()->mutable_answers(), "heard", 5); },
       {"fit_check.answers[1].id"}},
      {"QuestionTwice",
       [](Request& r) { Add(r.mutable_fit_check()->mutable_answers(), "overall", 5); },
       {"fit_check.answers[1].id"}},
      {"AnswerTooHigh",
       [](Request& r) { r.mutable_fit_check()->mutable_answers(0)->set_value(10.01); },
       {"fit_check.answers[0].value"}},
      {"AnswerTooLow",
       [](Request& r) { r.mutable_fit_check()->mutable_answers(0)->set_value(-.01); },
       {"fit_check.answers[0].value"}},
      {"AnswerNotANumber",
       [](Request& r) { r.mutable_fit_check()->mutable_answers(0)->set_value(kNan); },
       {"fit_check.answers[0].value"}},
      {"AnswerInfinite",
       [](Request& r) { r.mutable_fit_check()->mutable_answers(0)->set_value(kInfinity); },
       {"fit_check.answers[0].value"}},
      {"UnknownFacet",
       [](Request& r) { r.mutable_fit_check()->mutable_facets(0)->set_id("tall"); },
       {"fit_check.facets[0].id"}},
      {"FacetTwice",
       [](Request& r) { Add(r.mutable_fit_check()->mutable_facets(), "heard", 5); },
       {"fit_check.facets[1].id"}},
      {"FacetNotANumber",
       [](Request& r) { r.mutable_fit_check()->mutable_facets(0)->set_value(-kInfinity); },
       {"fit_check.facets[0].value"}},
      {"UnknownFriction",
       [](Request& r) { r.mutable_fit_check()->add_frictions("weather"); },
       {"fit_check.frictions[1]"}},
      {"FrictionTwice",
       [](Request& r) { r.mutable_fit_check()->add_frictions("rushed"); },
       {"fit_check.frictions[1]"}},
      {"NoVerdict", [](Request& r) { r.mutable_fit_check()->clear_verdict(); }, {"fit_check.verdict"}},
      {"UnknownVerdict",
       [](Request& r) { r.mutable_fit_check()->set_verdict(static_cast<matcher::v1::Verdict>(9)); },
       {"fit_check.verdict"}},
      {"Nothing",
       [](Request& r) { r.Clear(); },
       {"request_id", "fit_check.client_id", "fit_check.occurred_at", "fit_check.therapist_id",
        "fit_check.verdict"}},
  };
  return cases;
}

class BadFitCheck : public TestWithParam<FitCheckCase> {};

TEST_P(BadFitCheck, NamesEveryPath) {
  v1::RecordFitCheckRequest request = GoodFitCheck();
  GetParam().spoil(request);
  EXPECT_THAT(PathsOf(Validate(*TestCatalog(), request, TestNow())), ElementsAreArray(GetParam().paths));
}

INSTANTIATE_TEST_SUITE_P(, BadFitCheck, ValuesIn(FitCheckCases()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(GoodFitCheckTest, PassesUpToItsLimits) {
  v1::RecordFitCheckRequest request = GoodFitCheck(std::string(128, 'r'));
  v1::FitCheck& check = *request.mutable_fit_check();
  check.set_session_number(10'000);
  check.clear_referral_id();
  *check.mutable_occurred_at() = contract::ToTimestamp(TestNow() + absl::Minutes(5));
  check.mutable_answers(0)->set_value(10);
  check.mutable_facets(0)->set_value(0);
  EXPECT_THAT(PathsOf(Validate(*TestCatalog(), request, TestNow())), IsEmpty());
}

TEST(GoodFitCheckTest, NeedsNoMoreThanAVerdict) {
  v1::RecordFitCheckRequest request = GoodFitCheck();
  request.mutable_fit_check()->clear_answers();
  request.mutable_fit_check()->clear_facets();
  request.mutable_fit_check()->clear_frictions();
  request.mutable_fit_check()->clear_session_number();
  EXPECT_THAT(PathsOf(Validate(*TestCatalog(), request, TestNow())), IsEmpty());
}

struct ScoresCase {
  const char* name;
  std::function<void(v1::RecordInstrumentRequest&)> spoil;
  std::vector<std::string> paths;
};

// How test runners show it.
void PrintTo(const ScoresCase& one, std::ostream* out) {
  *out << one.name;
}

const std::vector<ScoresCase>& ScoresCases() {
  using Request = v1::RecordInstrumentRequest;
  static const std::vector<ScoresCase>& cases = *new std::vector<ScoresCase>{
      {"NoRequestId", [](Request& r) { r.clear_request_id(); }, {"request_id"}},
      {"NoTherapistWhereAScaleSpeaksOfTheBond",
       [](Request& r) { r.mutable_scores()->clear_therapist_id(); },
       {"scores.therapist_id"}},
      {"UnknownInstrument",
       [](Request& r) { r.mutable_scores()->set_instrument("horoscope"); },
       {"scores.instrument"}},
      {"UnknownScale",
       [](Request& r) { r.mutable_scores()->mutable_scores(1)->set_id("item9"); },
       {"scores.scores[1].id"}},
      {"ScaleTwice",
       [](Request& r) { Add(r.mutable_scores()->mutable_scores(), "bond", 15); },
       {"scores.scores[2].id"}},
      {"NoScores", [](Request& r) { r.mutable_scores()->clear_scores(); }, {"scores.scores"}},
      {"BelowTheScale",
       [](Request& r) { r.mutable_scores()->mutable_scores(0)->set_value(3.9); },
       {"scores.scores[0].value"}},
      {"AboveTheScale",
       [](Request& r) { r.mutable_scores()->mutable_scores(0)->set_value(20.1); },
       {"scores.scores[0].value"}},
      {"NotANumber",
       [](Request& r) { r.mutable_scores()->mutable_scores(0)->set_value(kNan); },
       {"scores.scores[0].value"}},
      {"SessionBeyondTheLimit",
       [](Request& r) { r.mutable_scores()->set_session_number(10'001); },
       {"scores.session_number"}},
      {"InTheFuture",
       [](Request& r) {
         *r.mutable_scores()->mutable_occurred_at() = contract::ToTimestamp(TestNow() + absl::Minutes(6));
       },
       {"scores.occurred_at"}},
      {"Nothing",
       [](Request& r) { r.Clear(); },
       {"request_id", "scores.client_id", "scores.occurred_at", "scores.scores", "scores.instrument"}},
  };
  return cases;
}

class BadScores : public TestWithParam<ScoresCase> {};

TEST_P(BadScores, NamesEveryPath) {
  v1::RecordInstrumentRequest request = GoodScores("r1", "wai", {{"bond", 15}, {"total", 40}});
  GetParam().spoil(request);
  EXPECT_THAT(PathsOf(Validate(*TestCatalog(), request, TestNow())), ElementsAreArray(GetParam().paths));
}

INSTANTIATE_TEST_SUITE_P(, BadScores, ValuesIn(ScoresCases()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST(GoodScoresTest, NeedNoTherapistWhereNoScaleSpeaksOfTheBond) {
  v1::RecordInstrumentRequest request = GoodScores("r1", "phq9", {{"total", 27}, {"item9", 0}});
  request.mutable_scores()->clear_therapist_id();
  EXPECT_THAT(PathsOf(Validate(*TestCatalog(), request, TestNow())), IsEmpty());
}

TEST(BadListTest, NamesEveryPath) {
  v1::ListFeedbackRequest request;
  request.set_page_size(501);
  request.set_client_id("Jane Doe");
  request.set_therapist_id(std::string(129, 't'));
  EXPECT_THAT(PathsOf(Validate(request)), ElementsAre("page_size", "client_id", "therapist_id"));
  request.Clear();
  request.set_page_size(-1);
  EXPECT_THAT(PathsOf(Validate(request)), ElementsAre("page_size"));
}

}  // namespace
}  // namespace rapport::feedback
