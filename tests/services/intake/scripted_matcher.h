// A small matcher behind real gRPC: five therapists with seats, ranked by id, and switches to make it fail,
// stall or tell. Its state is a value, so that a crash can be replayed from the moment that it happened.
#ifndef RAPPORT_TESTS_SERVICES_INTAKE_SCRIPTED_MATCHER_H_
#define RAPPORT_TESTS_SERVICES_INTAKE_SCRIPTED_MATCHER_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "rapport/directory/v1/directory.grpc.pb.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/runtime/clock.h"

namespace rapport::intake {

class ScriptedMatcher {
 public:
  struct Seat {
    std::string therapist_id;
    enum { kHeld, kTaken, kFree } state = kHeld;
    absl::Time expires_at = absl::InfiniteFuture();
  };
  struct State {
    std::map<std::string, int> seats = {{"t1", 2}, {"t2", 2}, {"t3", 2}, {"t4", 2}, {"t5", 2}};
    std::map<std::string, Seat> reservations;              // by reservation id, in order of their making
    std::map<std::string, std::string> reservation_of;     // by request id
    std::vector<matcher::v1::RecordReachRequest> reaches;  // once per request id
    std::vector<matcher::v1::RecordRiskRequest> risks;     // as they came
    int64_t position = 1;                                  // of the log
  };
  // Called around each RPC, on its thread: its name, and whether the effect has happened.
  using Hook = std::function<void(const std::string& rpc, bool done)>;

  explicit ScriptedMatcher(const runtime::Clock& clock);
  ~ScriptedMatcher();

  std::shared_ptr<grpc::Channel> Channel() const { return channel_; }
  int port() const { return port_; }

  // From now on every RPC fails like this; OK: none does.
  void FailWith(absl::Status status);
  // From now on every RPC waits until LetGo, and then does nothing.
  void Stall();
  void LetGo();
  void SetHook(Hook hook);
  void LoseAnswers(bool lose);  // what is asked for happens, and nobody hears of it

  State state() const;
  void SetState(State state);

  std::vector<matcher::v1::RankTherapistsRequest> rankings() const;  // asked for, answered or not
  int FreeSeats(const std::string& therapist_id) const;
  void EndReservations();  // as if all had expired
  void SetPosition(int64_t position);
  void AskForTriage();                            // its catalog is stricter than intake's
  void NoteRisk(const std::string& client_id);    // scores of a session ask for a look, from now on
  void Suspend(const std::string& therapist_id);  // the licence is not active from now on

 private:
  class MatcherRpcs;
  class DirectoryRpcs;

  // What every RPC does first, and last.
  absl::Status Enter(const std::string& rpc);
  grpc::Status Leave(const std::string& rpc, const absl::Status& status);
  int FreeSeatsLocked(const std::string& therapist_id) const;

  absl::Status Rank(const matcher::v1::RankTherapistsRequest& request,
                    matcher::v1::RankTherapistsResponse* response);
  absl::Status Explain(const matcher::v1::ExplainMatchRequest& request,
                       matcher::v1::ExplainMatchResponse* response);
  absl::Status Reserve(const directory::v1::ReserveSlotRequest& request,
                       directory::v1::ReserveSlotResponse* response);
  absl::Status Release(const directory::v1::ReleaseSlotRequest& request);
  absl::Status Reach(const matcher::v1::RecordReachRequest& request);
  absl::Status CheckRiskLocked(const std::string& client_id, const matcher::v1::Risk& risk) const;

  const runtime::Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable let_go_;
  bool stalled_ = false;
  bool loses_answers_ = false;
  bool asks_for_triage_ = false;
  std::set<std::string> suspended_;
  absl::Status failure_;
  Hook hook_;
  State state_;
  std::vector<matcher::v1::RankTherapistsRequest> rankings_;
  std::unique_ptr<MatcherRpcs> matcher_rpcs_;
  std::unique_ptr<DirectoryRpcs> directory_rpcs_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_TESTS_SERVICES_INTAKE_SCRIPTED_MATCHER_H_
