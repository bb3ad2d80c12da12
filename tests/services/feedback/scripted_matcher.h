// A matcher that does what a test tells it, behind a real gRPC server on a free port: away, slow, refusing,
// or losing its answers. Like the real one, it takes each fit check once.
#ifndef RAPPORT_TESTS_SERVICES_FEEDBACK_SCRIPTED_MATCHER_H_
#define RAPPORT_TESTS_SERVICES_FEEDBACK_SCRIPTED_MATCHER_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/server.h"
#include "rapport/directory/v1/directory.grpc.pb.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"

namespace rapport::feedback {

// Thread-safe.
class ScriptedMatcher final : private matcher::v1::MatcherService::Service,
                              private directory::v1::DirectoryService::Service {
 public:
  // Knows therapists "t1" and "t2".
  ScriptedMatcher();
  ~ScriptedMatcher() override;

  // "127.0.0.1:port".
  const std::string& address() const { return address_; }

  // Every RPC ends UNAVAILABLE, nothing is taken.
  void SetAway(bool away);
  // RecordFit answers `status` and takes nothing; OK: as usual.
  void SetRefusal(absl::Status status);
  // RecordFit takes the fit check, and then the answer is lost on the way.
  void SetLosingAnswers(bool losing);
  // AdviseNextStep answers FAILED_PRECONDITION.
  void SetWithoutNeeds(bool without);
  // RecordFit does not answer until told otherwise.
  void SetHolding(bool holding);
  void Forget(const std::string& therapist_id);
  // The therapist leaves the directory; what is said of them is still learned.
  void Leave(const std::string& therapist_id);

  // What was taken, in order; each fit check is in it once, whatever was sent.
  std::vector<matcher::v1::RecordFitRequest> Lessons();
  // How often RecordFit was called.
  int RecordFitCalls();
  // Notes of risk that were taken, as they came.
  std::vector<matcher::v1::RecordRiskRequest> Risks();
  // AdviseNextStep answers FAILED_PRECONDITION NEEDS_TRIAGE, as it does while the last note asks for a look.
  void SetKnowsARisk(bool knows);
  // A month has passed since, or a person has looked.
  void ForgetRisks();
  // Blocks until `count` fit checks were taken.
  void AwaitLessons(size_t count);

 private:
  grpc::Status GetTherapist(grpc::ServerContext* context, const directory::v1::GetTherapistRequest* request,
                            directory::v1::GetTherapistResponse* response) override;
  // Advises whoever it has a fit check of, as of that fit check.
  grpc::Status AdviseNextStep(grpc::ServerContext* context, const matcher::v1::AdviseNextStepRequest* request,
                              matcher::v1::AdviseNextStepResponse* response) override;
  grpc::Status RecordFit(grpc::ServerContext* context, const matcher::v1::RecordFitRequest* request,
                         matcher::v1::RecordFitResponse* response) override;

  grpc::Status RecordRisk(grpc::ServerContext* context, const matcher::v1::RecordRiskRequest* request,
                          matcher::v1::RecordRiskResponse* response) override;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool away_ = false;
  bool losing_answers_ = false;
  bool holding_ = false;
  bool without_needs_ = false;
  bool knows_a_risk_ = false;
  std::vector<matcher::v1::RecordRiskRequest> risks_;
  absl::Status refusal_;
  int record_fit_calls_ = 0;
  std::set<std::string> therapists_ = {"t1", "t2"};
  std::set<std::string> left_;
  std::vector<matcher::v1::RecordFitRequest> lessons_;
  std::map<std::string, size_t> place_;  // in lessons_, by fit check
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace rapport::feedback

#endif  // RAPPORT_TESTS_SERVICES_FEEDBACK_SCRIPTED_MATCHER_H_
