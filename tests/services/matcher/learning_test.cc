// RecordFit: what a client said changes what is searched next, once for each fit check.
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using matcher::v1::RankTherapistsRequest;
using matcher::v1::RankTherapistsResponse;
using matcher::v1::RecordFitRequest;
using matcher::v1::RecordFitResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Must;
using testing::Refused;
using testing::ValidTherapist;

class LearningTest : public MatcherTest {
 protected:
  LearningTest() {
    therapist::v1::Therapist leads = ValidTherapist("leads");
    leads.mutable_style(0)->set_value(1);
    therapist::v1::Therapist follows = ValidTherapist("follows");
    follows.mutable_style(0)->set_value(-1);
    client_.Upsert({ValidTherapist("t1"), leads, follows});
  }

  // What `client_id` is shown who wishes for nothing yet.
  RankTherapistsResponse Rank(const std::string& client_id = "client-1") {
    RankTherapistsRequest request = RankRequest(client_id);
    request.mutable_needs()->clear_wishes();
    return Must(client_.Send(request));
  }
  static std::vector<std::string> Ids(const RankTherapistsResponse& response) {
    std::vector<std::string> ids;
    for (const auto& candidate : response.candidates()) ids.push_back(candidate.therapist_id());
    return ids;
  }
};

TEST_F(LearningTest, ASecondSearchDiffersFromTheFirst) {
  const RankTherapistsResponse before = Rank();
  EXPECT_THAT(Ids(before), ElementsAre("follows", "leads", "t1"));  // all alike: by id
  EXPECT_THAT(before.learned(), IsEmpty());

  const RecordFitResponse recorded = Must(client_.Send(FitCheck("f1")));
  EXPECT_EQ(recorded.position(), 4);
  EXPECT_FALSE(recorded.already_recorded());

  const RankTherapistsResponse after = Rank();
  EXPECT_EQ(after.state().as_of(), recorded.position());
  EXPECT_THAT(Ids(after), ElementsAre("follows", "leads"));
  EXPECT_GT(after.candidates(0).score().p_bond(), after.candidates(1).score().p_bond());
  ASSERT_EQ(after.learned_size(), 1);
  EXPECT_THAT(after.learned(0), HasSubstr("Told me too much what to do"));
  EXPECT_EQ(after.candidates(0).evidence().client_fit_checks(), 1);

  const RankTherapistsResponse of_another = Rank("client-2");
  EXPECT_THAT(of_another.learned(), IsEmpty());
  ASSERT_EQ(of_another.candidates_size(), 3);
  EXPECT_EQ(of_another.candidates(2).therapist_id(), "t1");
  EXPECT_EQ(of_another.candidates(2).evidence().therapist_fit_checks(), 1);
  EXPECT_LT(of_another.candidates(2).score().p_bond(), before.candidates(2).score().p_bond());
}

TEST_F(LearningTest, TheSameFitCheckTwiceHasOneEffect) {
  const RecordFitResponse first = Must(client_.Send(FitCheck("f1")));
  const RankTherapistsResponse ranked = Rank("client-2");
  clock_.Advance(absl::Hours(24 * 30));  // longer than any request is remembered
  for (int i = 0; i < 3; ++i) {
    const RecordFitResponse again = Must(client_.Send(FitCheck("f1")));
    EXPECT_TRUE(again.already_recorded());
    EXPECT_EQ(again.position(), first.position());
  }
  Restart();
  EXPECT_TRUE(Must(client_.Send(FitCheck("f1"))).already_recorded());
  EXPECT_EQ(client_.Position(), first.position());
  EXPECT_EQ(Rank("client-2").candidates(2).score().p_bond(), ranked.candidates(2).score().p_bond());
}

TEST_F(LearningTest, AFitCheckIsNeverChanged) {
  Must(client_.Send(FitCheck("f1")));
  RecordFitRequest changed = FitCheck("f1");
  changed.mutable_answers(0)->set_value(9);
  EXPECT_THAT(client_.Send(changed), Refused(absl::StatusCode::kAlreadyExists, kFitCheckChanged));
  EXPECT_THAT(client_.Send(FitCheck("f1", "client-2")),
              Refused(absl::StatusCode::kAlreadyExists, kFitCheckChanged));
  changed = FitCheck("f1");
  changed.clear_context();
  EXPECT_THAT(client_.Send(changed), Refused(absl::StatusCode::kAlreadyExists, kFitCheckChanged));
  EXPECT_EQ(client_.Position(), 4);
}

TEST_F(LearningTest, AFitCheckDeliveredByManyAtOnceHasOneEffect) {
  constexpr int kThreads = 16;
  constexpr int kFitChecks = 5;
  std::vector<absl::StatusOr<RecordFitResponse>> results(kThreads, absl::UnknownError("not asked"));
  for (int check = 0; check < kFitChecks; ++check) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] { results[i] = client_.Send(FitCheck(absl::StrCat("f", check))); });
    }
    for (std::thread& thread : threads) thread.join();
    int recorded = 0;
    for (const auto& result : results) {
      recorded += Must(result).already_recorded() ? 0 : 1;
      EXPECT_EQ(Must(result).position(), 4 + check);
    }
    EXPECT_EQ(recorded, 1);
  }
  EXPECT_EQ(client_.Position(), 3 + kFitChecks);
  EXPECT_EQ(Rank().candidates(0).evidence().client_fit_checks(), kFitChecks);
}

TEST_F(LearningTest, UnknownTherapistsAreNotFoundAndDepartedOnesAreKnown) {
  RecordFitRequest request = FitCheck("f1");
  request.set_therapist_id("nobody");
  EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
  EXPECT_EQ(Must(client_.Send(FitCheck("f1"))).position(), 4) << "a refused id is free";

  directory::v1::DeleteTherapistRequest remove;
  remove.set_request_id("r1");
  remove.set_therapist_id("t1");
  Must(client_.Send(remove));
  EXPECT_EQ(Must(client_.Send(FitCheck("f2", "client-2"))).position(), 6);
  client_.Upsert({ValidTherapist("t1")});
  const RankTherapistsResponse ranked = Rank("client-3");
  ASSERT_EQ(ranked.candidates_size(), 3);
  EXPECT_EQ(ranked.candidates(2).therapist_id(), "t1");
  EXPECT_EQ(ranked.candidates(2).evidence().therapist_fit_checks(), 2);
  EXPECT_EQ(ranked.candidates(2).evidence().therapist_clients(), 2);
}

TEST_F(LearningTest, FitCheckIdsBelongToANetwork) {
  Must(client_.Send(FitCheck("f1")));
  Client other(*process_, "other");
  other.Upsert({ValidTherapist("t1")});
  EXPECT_FALSE(Must(other.Send(FitCheck("f1", "somebody-else"))).already_recorded());
}

}  // namespace
}  // namespace rapport::matcher_service
