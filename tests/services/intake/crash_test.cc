// kill -9 at every point between two durable steps. While one journey is walked, the files that a killed
// process would leave are copied at each call to the matcher (before and after its effect) and after each
// answer; then each copy is started anew, the request under way is sent again, and the journey is walked to
// its end. The matcher goes back to the same moment. Nothing acknowledged may be missing, and nothing may
// have happened twice.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

namespace fs = std::filesystem;

// The steps of the journey; the request of each is the same every time, given the referral before.
using Step = std::function<Client::Answered(Client&, const v1::Referral&)>;

template <typename Request>
Step StepOf(
    const std::string& request_id, std::function<void(Request&)> fill = [](Request&) {}) {
  return [=](Client& client, const v1::Referral& referral) {
    auto request = client.RequestFor<Request>(referral, request_id);
    fill(request);
    return client.Send(request);
  };
}

std::vector<Step> Journey() {
  const auto choose = [](const std::string& request_id, const std::string& therapist_id) {
    return StepOf<v1::ChooseTherapistRequest>(request_id, [=](auto& r) { r.set_therapist_id(therapist_id); });
  };
  const auto respond = [](const std::string& request_id, v1::OfferAnswer answer) {
    return StepOf<v1::RespondToOfferRequest>(request_id, [=](auto& r) { r.set_answer(answer); });
  };
  return {
      [](Client& client, const v1::Referral&) {
        v1::CreateReferralRequest request;
        request.set_request_id("create");
        request.set_client_id("client-7");
        *request.mutable_needs() = PlainNeeds();
        return client.Send(request);
      },
      StepOf<v1::SubmitReferralRequest>("submit"),
      choose("choose-1", "t1"),
      respond("respond-1", v1::OFFER_ANSWER_DECLINED),
      choose("choose-2", "t2"),
      respond("respond-2", v1::OFFER_ANSWER_ACCEPTED),
      StepOf<v1::StartTherapyRequest>("start"),
      StepOf<v1::TryAnotherRequest>("another"),
      choose("choose-3", "t3"),
      StepOf<v1::CloseReferralRequest>("close", [](auto& r) { r.set_reason(v1::CLOSE_REASON_COMPLETED); }),
  };
}

// What a crash leaves.
struct Image {
  std::string what;
  std::string folder;
  ScriptedMatcher::State matcher;
  size_t step;                               // under way, or just answered
  v1::Referral before;                       // the referral that the step's request was made of
  std::optional<v1::Referral> acknowledged;  // the step's answer, where it was given
};

class CrashTest : public IntakeTest {
 protected:
  // Walks the whole journey, and copies what a crash would leave at every point.
  std::vector<Image> WalkAndCopy() {
    std::vector<Image> images;
    const std::vector<Step> journey = Journey();
    v1::Referral referral;
    for (size_t step = 0; step < journey.size(); ++step) {
      const auto copy = [&](const std::string& what, std::optional<v1::Referral> acknowledged) {
        images.push_back({absl::StrCat("step ", step, ", ", what), CopyDatabase(images.size()),
                          matcher_.state(), step, referral, std::move(acknowledged)});
      };
      matcher_.SetHook([&](const std::string& rpc, bool done) {
        copy(absl::StrCat(done ? "after " : "before ", rpc), std::nullopt);
      });
      const v1::Referral answer = Must(journey[step](client_, referral));
      matcher_.SetHook(nullptr);
      copy("answered", answer);
      referral = answer;
    }
    return images;
  }

  // What the disk holds now. Nothing is writing: intake waits for the matcher, or for the next request.
  std::string CopyDatabase(size_t number) {
    const std::string folder = absl::StrCat(copies_.folder(), "/", number);
    fs::create_directory(folder);
    for (const char* suffix : {"", "-wal"}) {
      const std::string file = absl::StrCat("/intake.db", suffix);
      if (fs::exists(scratch_.folder() + file)) fs::copy_file(scratch_.folder() + file, folder + file);
    }
    return folder;
  }

  // Starts what the crash left; the matcher is as it was.
  void StartFrom(const Image& image) {
    process_.reset();
    matcher_.SetState(image.matcher);
    process_ = std::make_unique<IntakeProcess>(image.folder, matcher_.Channel(), clock_,
                                               IntakeProcess::Run{.seed = ++runs_});
    client_.Attach(*process_);
  }

  void ExpectWholeJourney(const v1::Referral& referral) {
    EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_CLOSED);
    ASSERT_EQ(referral.attempts_size(), 3);
    EXPECT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_DECLINED);
    EXPECT_EQ(referral.attempts(1).state(), v1::ATTEMPT_STATE_ENDED);
    EXPECT_EQ(referral.attempts(2).state(), v1::ATTEMPT_STATE_ENDED);
    EXPECT_EQ(Must(client_.Send(v1::ListReferralsRequest())).referrals_size(), 1);
    clock_.Advance(absl::Hours(1));
    process_->intake().DeliverNotices();
    const ScriptedMatcher::State matcher = matcher_.state();
    EXPECT_EQ(matcher.reservations.size(), 3u) << "no seat was reserved twice";
    for (const auto& [id, seat] : matcher.reservations)
      EXPECT_EQ(seat.state, ScriptedMatcher::Seat::kFree) << id;
    ASSERT_EQ(matcher.reaches.size(), 2u) << "each answer was told once";
    EXPECT_EQ(matcher.reaches[0].outcome(), matcher::v1::REACH_OUTCOME_DECLINED);
    EXPECT_EQ(matcher.reaches[1].outcome(), matcher::v1::REACH_OUTCOME_ACCEPTED);
    EXPECT_EQ(process_->intake().DeliverNotices(), 0);
  }

  Scratch copies_;
};

TEST_F(CrashTest, TheSameRequestGoesOnWhereItStopped) {
  const std::vector<Image> images = WalkAndCopy();
  ASSERT_EQ(images.size(), 10u /* answers */ + 2 * 12 /* calls to the matcher */);
  const std::vector<Step> journey = Journey();
  for (const Image& image : images) {
    SCOPED_TRACE(image.what);
    StartFrom(image);
    v1::Referral referral = image.before;
    for (size_t step = image.step; step < journey.size(); ++step) {
      const Client::Answered answer = journey[step](client_, referral);
      ASSERT_TRUE(answer.ok()) << "step " << step << ": " << answer.status();
      if (step == image.step && image.acknowledged.has_value()) {
        EXPECT_THAT(*answer, SameMessage(*image.acknowledged));
      }
      EXPECT_THAT(Must(client_.Get(*answer)), SameMessage(*answer));
      referral = *answer;
    }
    ExpectWholeJourney(referral);
  }
}

TEST_F(CrashTest, WithoutARetryTheLoopsGoOn) {
  for (const Image& image : WalkAndCopy()) {
    SCOPED_TRACE(image.what);
    StartFrom(image);
    clock_.Advance(kForegroundRanking);
    process_->intake().RankWaiting();
    process_->intake().DeliverNotices();
    EXPECT_EQ(process_->intake().RankWaiting(), 0);
    EXPECT_EQ(process_->intake().DeliverNotices(), 0);
    const v1::ListReferralsResponse page = Must(client_.Send(v1::ListReferralsRequest()));
    for (const v1::Referral& referral : page.referrals()) {
      EXPECT_NE(referral.state(), v1::REFERRAL_STATE_SUBMITTED);
      if (image.acknowledged.has_value()) {
        EXPECT_THAT(referral, SameMessage(*image.acknowledged));
      }
    }
  }
}

TEST_F(CrashTest, ARetryAfterTheLoopsShowsTheReferralAsItIs) {
  const std::vector<Step> journey = Journey();
  for (const Image& image : WalkAndCopy()) {
    if (image.what != "step 1, before RankTherapists") continue;
    StartFrom(image);
    clock_.Advance(kForegroundRanking);
    EXPECT_EQ(process_->intake().RankWaiting(), 1);
    const auto rankings = matcher_.rankings().size();
    const v1::Referral answer = Must(journey[1](client_, image.before));
    EXPECT_EQ(answer.state(), v1::REFERRAL_STATE_SHORTLISTED);
    EXPECT_THAT(Must(client_.Get(answer)), SameMessage(answer));
    EXPECT_EQ(matcher_.rankings().size(), rankings) << "it was ranked already";
    EXPECT_THAT(Must(journey[1](client_, image.before)), SameMessage(answer));
    return;
  }
  FAIL() << "no such point";
}

}  // namespace
}  // namespace rapport::intake
