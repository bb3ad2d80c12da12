// See scripted_matcher.h.
#include "tests/services/feedback/scripted_matcher.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "services/runtime/errors.h"

namespace rapport::feedback {
namespace {

grpc::Status Lost() {
  return {grpc::StatusCode::UNAVAILABLE, "connection lost"};
}

grpc::Status UnknownTherapist() {
  return runtime::ToGrpc(
      runtime::Error(absl::StatusCode::kNotFound, "UNKNOWN_THERAPIST", "there is no such therapist"));
}

}  // namespace

ScriptedMatcher::ScriptedMatcher() {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(static_cast<matcher::v1::MatcherService::Service*>(this));
  builder.RegisterService(static_cast<directory::v1::DirectoryService::Service*>(this));
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

ScriptedMatcher::~ScriptedMatcher() {
  SetHolding(false);
  server_->Shutdown(std::chrono::system_clock::now());
}

void ScriptedMatcher::SetAway(bool away) {
  std::lock_guard lock(mutex_);
  away_ = away;
}

void ScriptedMatcher::SetRefusal(absl::Status status) {
  std::lock_guard lock(mutex_);
  refusal_ = std::move(status);
}

void ScriptedMatcher::SetLosingAnswers(bool losing) {
  std::lock_guard lock(mutex_);
  losing_answers_ = losing;
}

void ScriptedMatcher::SetHolding(bool holding) {
  std::lock_guard lock(mutex_);
  holding_ = holding;
  changed_.notify_all();
}

void ScriptedMatcher::SetWithoutNeeds(bool without) {
  std::lock_guard lock(mutex_);
  without_needs_ = without;
}

void ScriptedMatcher::Forget(const std::string& therapist_id) {
  std::lock_guard lock(mutex_);
  therapists_.erase(therapist_id);
}

std::vector<matcher::v1::RecordFitRequest> ScriptedMatcher::Lessons() {
  std::lock_guard lock(mutex_);
  return lessons_;
}

int ScriptedMatcher::RecordFitCalls() {
  std::lock_guard lock(mutex_);
  return record_fit_calls_;
}

std::vector<matcher::v1::RecordRiskRequest> ScriptedMatcher::Risks() {
  std::lock_guard lock(mutex_);
  return risks_;
}

void ScriptedMatcher::ForgetRisks() {
  std::lock_guard lock(mutex_);
  risks_.clear();
}

void ScriptedMatcher::SetKnowsARisk(bool knows) {
  std::lock_guard lock(mutex_);
  knows_a_risk_ = knows;
}

grpc::Status ScriptedMatcher::RecordRisk(grpc::ServerContext*, const matcher::v1::RecordRiskRequest* request,
                                         matcher::v1::RecordRiskResponse*) {
  std::lock_guard lock(mutex_);
  if (away_) return Lost();
  if (!refusal_.ok()) return runtime::ToGrpc(refusal_);
  risks_.push_back(*request);
  return grpc::Status::OK;
}

void ScriptedMatcher::AwaitLessons(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return lessons_.size() >= count; });
}

void ScriptedMatcher::Leave(const std::string& therapist_id) {
  std::lock_guard lock(mutex_);
  left_.insert(therapist_id);
}

grpc::Status ScriptedMatcher::GetTherapist(grpc::ServerContext*,
                                           const directory::v1::GetTherapistRequest* request,
                                           directory::v1::GetTherapistResponse* response) {
  std::lock_guard lock(mutex_);
  if (away_) return Lost();
  if (left_.contains(request->therapist_id())) {
    return runtime::ToGrpc(runtime::Error(absl::StatusCode::kNotFound, "UNKNOWN_THERAPIST",
                                          "the therapist has left", {{"left", "true"}}));
  }
  if (!therapists_.contains(request->therapist_id())) return UnknownTherapist();
  response->mutable_therapist()->set_therapist_id(request->therapist_id());
  return grpc::Status::OK;
}

grpc::Status ScriptedMatcher::AdviseNextStep(grpc::ServerContext*,
                                             const matcher::v1::AdviseNextStepRequest* request,
                                             matcher::v1::AdviseNextStepResponse* response) {
  std::lock_guard lock(mutex_);
  if (away_) return Lost();
  if (knows_a_risk_ || (!risks_.empty() && risks_.back().look_first())) {
    return runtime::ToGrpc(
        runtime::Error(absl::StatusCode::kFailedPrecondition, "NEEDS_TRIAGE", "a person must look first"));
  }
  const int64_t head = 99 + static_cast<int64_t>(lessons_.size());
  if (without_needs_ || lessons_.empty() || request->min_as_of() > head ||
      lessons_.back().client_id() != request->client_id()) {
    return runtime::ToGrpc(
        runtime::Error(absl::StatusCode::kFailedPrecondition, "NEEDS_UNKNOWN", "no needs of this client"));
  }
  response->mutable_advice()->set_next_step(matcher::v1::NEXT_STEP_TALK_IT_THROUGH);
  response->mutable_advice()->set_rule("cost_beyond_gain");
  response->mutable_advice()->set_alternative_therapist_id("t2");
  response->mutable_state()->set_as_of(head);
  return grpc::Status::OK;
}

grpc::Status ScriptedMatcher::RecordFit(grpc::ServerContext*, const matcher::v1::RecordFitRequest* request,
                                        matcher::v1::RecordFitResponse* response) {
  std::unique_lock lock(mutex_);
  ++record_fit_calls_;
  changed_.wait(lock, [&] { return !holding_; });
  if (away_) return Lost();
  if (!refusal_.ok()) return runtime::ToGrpc(refusal_);
  if (!therapists_.contains(request->therapist_id())) return UnknownTherapist();
  const auto [found, added] = place_.try_emplace(request->fit_check_id(), lessons_.size());
  if (added) lessons_.push_back(*request);
  if (lessons_[found->second].SerializeAsString() != request->SerializeAsString()) {
    return runtime::ToGrpc(runtime::Error(absl::StatusCode::kAlreadyExists, "FIT_CHECK_CHANGED",
                                          "the fit check was recorded with other content"));
  }
  changed_.notify_all();
  if (losing_answers_) return Lost();
  response->set_position(100 + static_cast<int64_t>(found->second));
  response->set_already_recorded(!added);
  return grpc::Status::OK;
}

}  // namespace rapport::feedback
