// See scripted_matcher.h.
#include "tests/services/intake/scripted_matcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "services/contract/convert.h"
#include "services/runtime/channel.h"
#include "services/runtime/errors.h"

namespace rapport::intake {

using runtime::Error;

class ScriptedMatcher::MatcherRpcs final : public matcher::v1::MatcherService::Service {
 public:
  explicit MatcherRpcs(ScriptedMatcher& matcher) : matcher_(matcher) {}

  grpc::Status RankTherapists(grpc::ServerContext*, const matcher::v1::RankTherapistsRequest* request,
                              matcher::v1::RankTherapistsResponse* response) override {
    {
      std::lock_guard lock(matcher_.mutex_);
      matcher_.rankings_.push_back(*request);
    }
    absl::Status status = matcher_.Enter("RankTherapists");
    if (status.ok()) status = matcher_.Rank(*request, response);
    return matcher_.Leave("RankTherapists", status);
  }

  grpc::Status ExplainMatch(grpc::ServerContext*, const matcher::v1::ExplainMatchRequest* request,
                            matcher::v1::ExplainMatchResponse* response) override {
    absl::Status status = matcher_.Enter("ExplainMatch");
    if (status.ok()) status = matcher_.Explain(*request, response);
    return matcher_.Leave("ExplainMatch", status);
  }

  grpc::Status RecordRisk(grpc::ServerContext*, const matcher::v1::RecordRiskRequest* request,
                          matcher::v1::RecordRiskResponse*) override {
    absl::Status status = matcher_.Enter("RecordRisk");
    if (status.ok()) {
      std::lock_guard lock(matcher_.mutex_);
      matcher_.state_.risks.push_back(*request);
    }
    return matcher_.Leave("RecordRisk", status);
  }

  grpc::Status RecordReach(grpc::ServerContext*, const matcher::v1::RecordReachRequest* request,
                           matcher::v1::RecordReachResponse*) override {
    absl::Status status = matcher_.Enter("RecordReach");
    if (status.ok()) status = matcher_.Reach(*request);
    return matcher_.Leave("RecordReach", status);
  }

 private:
  ScriptedMatcher& matcher_;
};

class ScriptedMatcher::DirectoryRpcs final : public directory::v1::DirectoryService::Service {
 public:
  explicit DirectoryRpcs(ScriptedMatcher& matcher) : matcher_(matcher) {}

  grpc::Status ReserveSlot(grpc::ServerContext*, const directory::v1::ReserveSlotRequest* request,
                           directory::v1::ReserveSlotResponse* response) override {
    absl::Status status = matcher_.Enter("ReserveSlot");
    if (status.ok()) status = matcher_.Reserve(*request, response);
    return matcher_.Leave("ReserveSlot", status);
  }

  grpc::Status ReleaseSlot(grpc::ServerContext*, const directory::v1::ReleaseSlotRequest* request,
                           directory::v1::ReleaseSlotResponse*) override {
    absl::Status status = matcher_.Enter("ReleaseSlot");
    if (status.ok()) status = matcher_.Release(*request);
    return matcher_.Leave("ReleaseSlot", status);
  }

 private:
  ScriptedMatcher& matcher_;
};

ScriptedMatcher::ScriptedMatcher(const runtime::Clock& clock)
    : clock_(clock),
      matcher_rpcs_(std::make_unique<MatcherRpcs>(*this)),
      directory_rpcs_(std::make_unique<DirectoryRpcs>(*this)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
  builder.RegisterService(matcher_rpcs_.get());
  builder.RegisterService(directory_rpcs_.get());
  server_ = builder.BuildAndStart();
  channel_ = runtime::Connect(absl::StrCat("127.0.0.1:", port_), true).value();
}

ScriptedMatcher::~ScriptedMatcher() {
  LetGo();
  channel_.reset();
  server_->Shutdown();
}

void ScriptedMatcher::FailWith(absl::Status status) {
  std::lock_guard lock(mutex_);
  failure_ = std::move(status);
}

void ScriptedMatcher::Stall() {
  std::lock_guard lock(mutex_);
  stalled_ = true;
}

void ScriptedMatcher::LetGo() {
  {
    std::lock_guard lock(mutex_);
    stalled_ = false;
  }
  let_go_.notify_all();
}

void ScriptedMatcher::LoseAnswers(bool lose) {
  std::lock_guard lock(mutex_);
  loses_answers_ = lose;
}

void ScriptedMatcher::SetHook(Hook hook) {
  std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

ScriptedMatcher::State ScriptedMatcher::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

void ScriptedMatcher::SetState(State state) {
  std::lock_guard lock(mutex_);
  state_ = std::move(state);
}

std::vector<matcher::v1::RankTherapistsRequest> ScriptedMatcher::rankings() const {
  std::lock_guard lock(mutex_);
  return rankings_;
}

int ScriptedMatcher::FreeSeats(const std::string& therapist_id) const {
  std::lock_guard lock(mutex_);
  return FreeSeatsLocked(therapist_id);
}

void ScriptedMatcher::EndReservations() {
  std::lock_guard lock(mutex_);
  for (auto& [id, seat] : state_.reservations) seat.state = Seat::kFree;
}

void ScriptedMatcher::SetPosition(int64_t position) {
  std::lock_guard lock(mutex_);
  state_.position = position;
}

void ScriptedMatcher::AskForTriage() {
  std::lock_guard lock(mutex_);
  asks_for_triage_ = true;
}

void ScriptedMatcher::NoteRisk(const std::string& client_id) {
  std::lock_guard lock(mutex_);
  matcher::v1::RecordRiskRequest& risk = state_.risks.emplace_back();
  risk.set_client_id(client_id);
  risk.set_look_first(true);
  *risk.mutable_known_at() = contract::ToTimestamp(clock_.Now());
}

void ScriptedMatcher::Suspend(const std::string& therapist_id) {
  std::lock_guard lock(mutex_);
  suspended_.insert(therapist_id);
}

absl::Status ScriptedMatcher::Enter(const std::string& rpc) {
  Hook hook;
  {
    std::unique_lock lock(mutex_);
    if (stalled_) {
      let_go_.wait(lock, [this] { return !stalled_; });
      return absl::UnavailableError("was stalled");
    }
    if (!failure_.ok()) return failure_;
    hook = hook_;
  }
  if (hook) hook(rpc, false);
  return absl::OkStatus();
}

grpc::Status ScriptedMatcher::Leave(const std::string& rpc, const absl::Status& status) {
  Hook hook;
  {
    std::lock_guard lock(mutex_);
    hook = hook_;
    if (loses_answers_) return runtime::ToGrpc(absl::UnavailableError("the connection broke"));
  }
  if (hook && status.ok()) hook(rpc, true);
  return runtime::ToGrpc(status);
}

int ScriptedMatcher::FreeSeatsLocked(const std::string& therapist_id) const {
  int free = state_.seats.at(therapist_id);
  for (const auto& [id, seat] : state_.reservations) {
    if (seat.therapist_id == therapist_id && seat.state != Seat::kFree) --free;
  }
  return free;
}

absl::Status ScriptedMatcher::Rank(const matcher::v1::RankTherapistsRequest& request,
                                   matcher::v1::RankTherapistsResponse* response) {
  std::lock_guard lock(mutex_);
  if (asks_for_triage_ || request.needs().risk().level() == matcher::v1::RISK_LEVEL_ACUTE) {
    return Error(absl::StatusCode::kFailedPrecondition, "NEEDS_TRIAGE", "a person must look first");
  }
  if (absl::Status risk = CheckRiskLocked(request.client_id(), request.needs().risk()); !risk.ok())
    return risk;
  if (request.min_as_of() > state_.position) {
    return Error(absl::StatusCode::kFailedPrecondition, "BEHIND", "not there yet");
  }
  const auto names = [](const auto& list, const std::string& id) {
    return std::find(list.begin(), list.end(), id) != list.end();
  };
  for (const auto& [id, seats] : state_.seats) {
    if (names(request.tried_therapist_ids(), id) || names(request.needs().excluded_therapist_ids(), id))
      continue;
    if (FreeSeatsLocked(id) == 0) continue;
    matcher::v1::Candidate& candidate = *response->add_candidates();
    candidate.set_therapist_id(id);
    candidate.mutable_score()->set_p_good(.5);
    candidate.set_seats_free(FreeSeatsLocked(id));
  }
  response->set_therapists(static_cast<int64_t>(state_.seats.size()));
  response->set_eligible(response->candidates_size());
  response->mutable_state()->set_as_of(state_.position);
  response->add_learned("that you like to laugh");
  return absl::OkStatus();
}

absl::Status ScriptedMatcher::Explain(const matcher::v1::ExplainMatchRequest& request,
                                      matcher::v1::ExplainMatchResponse* response) {
  std::lock_guard lock(mutex_);
  if (absl::Status risk = CheckRiskLocked(request.client_id(), request.needs().risk()); !risk.ok())
    return risk;
  if (state_.seats.count(request.therapist_id()) == 0) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_THERAPIST", "no such therapist");
  }
  if (request.needs().risk().level() == matcher::v1::RISK_LEVEL_ACUTE) {
    return Error(absl::StatusCode::kFailedPrecondition, "NEEDS_TRIAGE", "a person must look first");
  }
  matcher::v1::RuleVerdict& licence = *response->add_rules();
  licence.set_rule(matcher::v1::RULE_LICENCE);
  licence.set_passed(suspended_.count(request.therapist_id()) == 0);
  licence.set_sentence("licence");
  // The client's own offer holds the last seat: no reason to refuse it.
  matcher::v1::RuleVerdict& seat = *response->add_rules();
  seat.set_rule(matcher::v1::RULE_SEAT);
  seat.set_passed(FreeSeatsLocked(request.therapist_id()) > 0);
  return absl::OkStatus();
}

absl::Status ScriptedMatcher::Reserve(const directory::v1::ReserveSlotRequest& request,
                                      directory::v1::ReserveSlotResponse* response) {
  std::lock_guard lock(mutex_);
  if (absl::Status risk = CheckRiskLocked(request.client_id(), request.needs().risk()); !risk.ok()) {
    const auto given = state_.reservation_of.find(request.request_id());
    if (given == state_.reservation_of.end()) return risk;
    return Error(risk.code(), "NEEDS_TRIAGE", risk.message(), {{"reservation_id", given->second}});
  }
  if (state_.seats.count(request.therapist_id()) == 0) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_THERAPIST", "no such therapist");
  }
  std::string& id = state_.reservation_of[request.request_id()];
  if (id.empty()) {
    if (FreeSeatsLocked(request.therapist_id()) == 0) {
      state_.reservation_of.erase(request.request_id());
      return Error(absl::StatusCode::kFailedPrecondition, "NO_FREE_SEAT", "no seat is free");
    }
    id = absl::StrCat("res_", state_.reservations.size() + 1);
    state_.reservations[id] = {request.therapist_id(), Seat::kHeld, clock_.Now() + absl::Hours(72)};
  }
  response->mutable_reservation()->set_reservation_id(id);
  response->mutable_reservation()->set_therapist_id(request.therapist_id());
  *response->mutable_reservation()->mutable_expires_at() =
      contract::ToTimestamp(state_.reservations[id].expires_at);
  return absl::OkStatus();
}

absl::Status ScriptedMatcher::Release(const directory::v1::ReleaseSlotRequest& request) {
  std::lock_guard lock(mutex_);
  const auto found = state_.reservations.find(request.reservation_id());
  if (found == state_.reservations.end()) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_RESERVATION", "no such reservation");
  }
  found->second.state = Seat::kFree;
  return absl::OkStatus();
}

// As the last note has it.
absl::Status ScriptedMatcher::CheckRiskLocked(const std::string& client_id,
                                              const matcher::v1::Risk& risk) const {
  for (auto note = state_.risks.rbegin(); note != state_.risks.rend(); ++note) {
    if (note->client_id() != client_id) continue;
    const bool answered =
        !risk.has_asked_at() || contract::ToTime(risk.asked_at()) > contract::ToTime(note->known_at());
    if (!note->look_first() || answered) break;
    return Error(absl::StatusCode::kFailedPrecondition, "NEEDS_TRIAGE", "a risk is known",
                 {{"known_at", "2030-03-17T17:46:40+00:00"}});
  }
  return absl::OkStatus();
}

absl::Status ScriptedMatcher::Reach(const matcher::v1::RecordReachRequest& request) {
  std::lock_guard lock(mutex_);
  for (const matcher::v1::RecordReachRequest& known : state_.reaches) {
    if (known.request_id() == request.request_id()) return absl::OkStatus();
  }
  if (state_.reservations.count(request.reservation_id()) == 0) {
    return Error(absl::StatusCode::kNotFound, "UNKNOWN_RESERVATION", "no such reservation");
  }
  Seat& seat = state_.reservations.at(request.reservation_id());
  if (seat.state == Seat::kFree) {
    return Error(absl::StatusCode::kFailedPrecondition, "RESERVATION_ENDED", "the reservation has ended");
  }
  seat.state = request.outcome() == matcher::v1::REACH_OUTCOME_ACCEPTED ? Seat::kTaken : Seat::kFree;
  state_.reaches.push_back(request);
  ++state_.position;
  return absl::OkStatus();
}

}  // namespace rapport::intake
