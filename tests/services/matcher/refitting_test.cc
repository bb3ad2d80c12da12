// GetModel and RefitModel: a model is published once, beside serving, and a restart agrees with it.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/contract/catalog_file.h"
#include "services/runtime/errors.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using matcher::v1::GetModelRequest;
using matcher::v1::GetModelResponse;
using matcher::v1::RankTherapistsResponse;
using matcher::v1::RecordFitRequest;
using matcher::v1::RefitModelRequest;
using matcher::v1::RefitModelResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Must;
using testing::Refused;
using testing::ValidTherapist;

constexpr int kTherapists = 6;

// How a refit ended, and what was told on the way.
struct Refit {
  absl::Status status;
  std::vector<std::string> stages;
  matcher::v1::RefitOutcome outcome;
};

class RefittingTest : public MatcherTest {
 protected:
  RefittingTest() {
    std::vector<therapist::v1::Therapist> therapists;
    for (int i = 0; i < kTherapists; ++i) therapists.push_back(ValidTherapist(absl::StrCat("t", i)));
    client_.Upsert(therapists);
  }

  // Clients who differ little from each other, and therapists who differ much: what day 0 does not expect.
  void Hear(int clients) {
    std::mt19937_64 random(5);
    for (int c = 0; c < clients; ++c) {
      for (int visit = 0; visit < 3; ++visit) {
        const auto t = static_cast<int>(random() % kTherapists);
        RecordFitRequest request = FitCheck(client_.FreshId(), absl::StrCat("client-", c));
        request.set_therapist_id(absl::StrCat("t", t));
        request.clear_frictions();
        request.clear_context();
        const bool good = static_cast<int>(random() % kTherapists) < t;
        request.set_verdict(good ? matcher::v1::VERDICT_WOULD_CONTINUE
                                 : matcher::v1::VERDICT_WOULD_NOT_CONTINUE);
        request.mutable_answers(0)->set_value(good ? 9 : 4);
        request.mutable_occurred_at()->set_seconds(request.occurred_at().seconds() - 100'000 + 10 * c +
                                                   visit);
        ASSERT_THAT(client_.Send(request), IsOk());
      }
    }
  }

  Refit Run(const RefitModelRequest& request) {
    grpc::ClientContext context;
    context.AddMetadata("x-network", "default");
    const auto stream = process_->matcher().RefitModel(&context, request);
    Refit refit;
    for (RefitModelResponse response; stream->Read(&response);) {
      const std::string& stage = response.progress().stage();
      if (response.has_outcome()) refit.outcome = response.outcome();
      if (response.has_progress() && (refit.stages.empty() || refit.stages.back() != stage))
        refit.stages.push_back(stage);
    }
    refit.status = runtime::FromGrpc(stream->Finish());
    return refit;
  }
  static RefitModelRequest Request(const std::string& request_id) {
    RefitModelRequest request;
    request.set_request_id(request_id);
    return request;
  }
  GetModelResponse Model(std::optional<std::int64_t> version = {}) {
    GetModelRequest request;
    if (version) request.set_version(*version);
    return Must(client_.Send(request));
  }
  // The shortlist of somebody new, without what names the state it came from.
  RankTherapistsResponse Ranked() {
    RankTherapistsResponse response = Must(client_.Send(RankRequest("somebody-new")));
    EXPECT_EQ(response.candidates_size(), 5);
    response.clear_state();
    return response;
  }
};

TEST_F(RefittingTest, DayZeroIsAModelToo) {
  const GetModelResponse day_zero = Model();
  EXPECT_EQ(day_zero.model().version(), 0);
  EXPECT_EQ(day_zero.model().channels(0), "verdict");
  EXPECT_EQ(day_zero.model().features(0), "prior");
  EXPECT_EQ(day_zero.model().client().rows(), day_zero.model().channels_size());
  EXPECT_EQ(day_zero.model().effect_covariance_size(), day_zero.model().channels_size());
  EXPECT_EQ(day_zero.state().model_version(), 0);
  EXPECT_FALSE(day_zero.model().has_published_at());
}

TEST_F(RefittingTest, NobodyHeardIsTooLittle) {
  EXPECT_THAT(Run(Request("r1")).status, Refused(absl::StatusCode::kFailedPrecondition, kTooLittleData));
  EXPECT_EQ(Model().model().version(), 0);
}

TEST_F(RefittingTest, AHandfulOfVerdictsJudgesNothing) {
  Hear(10);
  EXPECT_THAT(Run(Request("r1")).status, Refused(absl::StatusCode::kFailedPrecondition, kTooLittleData));
  EXPECT_EQ(Model().model().version(), 0);
}

TEST_F(RefittingTest, AModelIsJudgedByWhatIsNewSinceTheServingOne) {
  Hear(60);
  ASSERT_THAT(Run(Request("r1")).status, IsOk());
  EXPECT_THAT(Run(Request("r2")).status, Refused(absl::StatusCode::kFailedPrecondition, kTooLittleData));
  RefitModelRequest day_zero = Request("r3");
  day_zero.set_republish_version(0);
  ASSERT_THAT(Run(day_zero).status, IsOk());
  EXPECT_THAT(Run(Request("r4")).status, IsOk()) << "day 0 has seen nothing";
}

TEST_F(RefittingTest, WhatIsPublishedServesAtOnceAndAfterARestart) {
  Hear(60);
  const RankTherapistsResponse before = Ranked();
  const std::int64_t position = client_.Position();

  RefitModelRequest dry = Request("r1");
  dry.set_validate_only(true);
  const Refit looked = Run(dry);
  ASSERT_THAT(looked.status, IsOk());
  EXPECT_FALSE(looked.outcome.published());
  EXPECT_EQ(client_.Position(), position);
  EXPECT_THAT(Ranked(), SameMessage(before));

  const Refit refit = Run(Request("r2"));
  ASSERT_THAT(refit.status, IsOk());
  EXPECT_TRUE(refit.outcome.published());
  EXPECT_EQ(refit.outcome.position(), position + 1);
  EXPECT_EQ(refit.outcome.model().version(), 1);
  EXPECT_EQ(refit.outcome.model().fit_checks(), 180);
  EXPECT_LT(refit.outcome.model().held_out_log_loss(), refit.outcome.model().held_out_log_loss_before());
  EXPECT_THAT(refit.stages, ElementsAre("reading", "estimating"));
  EXPECT_THAT(Model().model(), SameMessage(refit.outcome.model()));
  EXPECT_EQ(Model().state().model_version(), 1);
  const RankTherapistsResponse after = Ranked();
  EXPECT_EQ(after.candidates(0).therapist_id(), absl::StrCat("t", kTherapists - 1));
  EXPECT_NE(after.candidates(0).score().p_bond(), before.candidates(0).score().p_bond());

  Restart();
  EXPECT_THAT(Ranked(), SameMessage(after)) << "the fold of the log is what serves";
  EXPECT_THAT(Model().model(), SameMessage(refit.outcome.model()));
}

TEST_F(RefittingTest, ASnapshotOfTheNewModelIsKeptAtTheNextStop) {
  snapshot_every_ = 50;
  Restart();
  Hear(60);
  Restart();
  ASSERT_THAT(Run(Request("r1")).status, IsOk());
  const std::int64_t position = client_.Position();
  process_.reset();
  auto database = *storage::Database::Open({.url = scratch_.url()});
  std::vector<std::int64_t> kept;
  ASSERT_THAT(database->Read([&](storage::Transaction& tx) {
    return tx.Query("SELECT position, model_version FROM snapshots", {}, [&](const storage::Row& row) {
      kept = {row.Int(0), row.Int(1)};
      return absl::OkStatus();
    });
  }),
              IsOk());
  EXPECT_THAT(kept, ElementsAre(position, 1)) << "that of the model before is of no use to a start";
}

TEST_F(RefittingTest, AModelOfAnotherCatalogIsSetAsideAndSaysSo) {
  Hear(60);
  ASSERT_THAT(Run(Request("r1")).status, IsOk());
  EXPECT_EQ(Model().set_aside_version(), 0);
  std::string text(contract::DefaultCatalogText());
  const std::size_t feature = text.find("features { id: \"wish_perceived\"");
  ASSERT_NE(feature, std::string::npos);
  text.erase(feature, text.find('\n', feature) - feature);
  const std::string path = scratch_.folder() + "/catalog.textproto";
  std::ofstream(path) << text;

  Restart(path);
  const GetModelResponse model = Model();
  EXPECT_EQ(model.model().version(), 0);
  EXPECT_EQ(model.set_aside_version(), 1);
  EXPECT_THAT(model.set_aside_reason(), HasSubstr("the model was made for another catalog: its feature"));
  ASSERT_THAT(Run(Request("r2")).status, IsOk());
  EXPECT_EQ(Model().model().version(), 2);
  EXPECT_EQ(Model().set_aside_version(), 0);
  EXPECT_THAT(process_->StopAndReadLog(),
              HasSubstr("\"event\":\"model_set_aside\",\"network\":\"default\",\"model_version\":1"));
}

TEST_F(RefittingTest, LearningGoesOnFromThePublishedModel) {
  Hear(60);
  ASSERT_THAT(Run(Request("r1")).status, IsOk());
  const RankTherapistsResponse before = Ranked();
  RecordFitRequest bad = FitCheck("bad", "another");
  bad.set_therapist_id(absl::StrCat("t", kTherapists - 1));
  ASSERT_THAT(client_.Send(bad), IsOk());
  const RankTherapistsResponse after = Ranked();
  EXPECT_LT(after.candidates(0).score().p_bond(), before.candidates(0).score().p_bond());
  Restart();
  EXPECT_THAT(Ranked(), SameMessage(after));
}

TEST_F(RefittingTest, AnEarlierModelIsPublishedAgain) {
  Hear(60);
  const RankTherapistsResponse at_day_zero = Ranked();
  ASSERT_THAT(Run(Request("r1")).status, IsOk());
  RefitModelRequest back = Request("r2");
  back.set_republish_version(0);
  const Refit again = Run(back);
  ASSERT_THAT(again.status, IsOk());
  EXPECT_EQ(again.outcome.model().version(), 2) << "each publication has a number of its own";
  EXPECT_THAT(Ranked(), SameMessage(at_day_zero));
  EXPECT_EQ(Model(1).model().fit_checks(), 180) << "the one in between can still be read";
  back = Request("r3");
  back.set_republish_version(7);
  EXPECT_THAT(Run(back).status, Refused(absl::StatusCode::kNotFound, kUnknownModel));
}

TEST_F(RefittingTest, TheSameRequestTwicePublishesOnce) {
  Hear(60);
  const Refit first = Run(Request("r1"));
  ASSERT_THAT(first.status, IsOk());
  const std::int64_t position = client_.Position();
  const Refit again = Run(Request("r1"));
  ASSERT_THAT(again.status, IsOk());
  EXPECT_THAT(again.outcome, SameMessage(first.outcome));
  EXPECT_EQ(client_.Position(), position);
  RefitModelRequest other = Request("r1");
  other.set_republish_version(0);
  EXPECT_THAT(Run(other).status, Refused(absl::StatusCode::kAlreadyExists, kRequestIdReused));
}

TEST_F(RefittingTest, ACallerWhoLeavesEndsTheWork) {
  Hear(60);
  {
    grpc::ClientContext context;
    context.AddMetadata("x-network", "default");
    const auto stream = process_->matcher().RefitModel(&context, Request("r1"));
    RefitModelResponse response;
    ASSERT_TRUE(stream->Read(&response));
    context.TryCancel();
    while (stream->Read(&response)) {
    }
    stream->Finish();
  }
  // It ends within one iteration; until then another is refused.
  Refit next;
  do {
    next = Run(Request("r2"));
  } while (runtime::ReasonOf(next.status) == kRefitRunning);
  ASSERT_THAT(next.status, IsOk());
  EXPECT_EQ(next.outcome.model().version(), 1) << "the first published nothing";
}

TEST_F(RefittingTest, BadRequestsAreTold) {
  GetModelRequest unknown;
  unknown.set_version(3);
  EXPECT_THAT(client_.Send(unknown), Refused(absl::StatusCode::kNotFound, kUnknownModel));
  unknown.set_version(-1);
  EXPECT_EQ(client_.Send(unknown).status().code(), absl::StatusCode::kInvalidArgument);
  RefitModelRequest bad;
  bad.set_republish_version(-1);
  const absl::Status refused = Run(bad).status;
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("2 violations"));
}

}  // namespace
}  // namespace rapport::matcher_service
