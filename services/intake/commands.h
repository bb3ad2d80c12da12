// The writes of intake as business functions: callable without gRPC, checked, idempotent, guarded by etag.
// What each one promises is written in the contract; how it survives a crash at any point, in README.md.
#ifndef RAPPORT_SERVICES_INTAKE_COMMANDS_H_
#define RAPPORT_SERVICES_INTAKE_COMMANDS_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "rapport/intake/v1/intake.pb.h"
#include "services/intake/answers.h"
#include "services/intake/matcher_client.h"
#include "services/intake/notices.h"
#include "services/intake/ranking.h"
#include "services/intake/referral_machine.h"
#include "services/intake/referral_store.h"
#include "services/intake/transitions.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/runtime/ids.h"
#include "services/storage/database.h"

namespace rapport::intake {

// Thread-safe. Every function answers the referral as the request left it. Errors: those that the contract
// states for the RPC of the same name, and those of the database.
class Commands {
 public:
  // Borrowed; each must outlive this.
  struct Parts {
    storage::Database& db;
    const rapport::matcher::Catalog& catalog;
    MatcherClient& matcher;
    Ranking& ranking;
    Notices& notices;
    Transitions& transitions;
    const runtime::Clock& clock;
    runtime::IdSource& ids;
  };
  using Call = runtime::Call;
  using Answered = absl::StatusOr<v1::Referral>;

  explicit Commands(const Parts& parts) : parts_(parts) {}

  Answered CreateReferral(const Call& call, const v1::CreateReferralRequest& request);
  Answered UpdateNeeds(const Call& call, const v1::UpdateNeedsRequest& request);
  Answered SubmitReferral(const Call& call, const v1::SubmitReferralRequest& request);
  Answered ChooseTherapist(const Call& call, const v1::ChooseTherapistRequest& request);
  Answered RespondToOffer(const Call& call, const v1::RespondToOfferRequest& request);
  Answered StartTherapy(const Call& call, const v1::StartTherapyRequest& request);
  Answered TryAnother(const Call& call, const v1::TryAnotherRequest& request);
  Answered CloseReferral(const Call& call, const v1::CloseReferralRequest& request);

 private:
  // A write of an existing referral, as its caller named it.
  struct Intent {
    WriteCall call;
    RequestKey key;
    std::string referral_id;
    std::string etag;
  };
  // What a transaction finds when it looks at an intent.
  struct Found {
    std::optional<v1::Referral> answer;  // the request was answered before
    bool begun = false;                  // its first transaction was committed before
    Record record;                       // the referral now; not filled when there is an answer
  };
  // Changes the record inside the transaction. Result: the key under which the matcher is told of something
  // (notices.h); empty: it is not.
  using Change = absl::FunctionRef<absl::StatusOr<std::string>(storage::Transaction&, Record&)>;

  template <typename Request>
  static Intent IntentOf(const Call& call, WriteCall write, const Request& request);

  absl::StatusOr<Found> Look(storage::Transaction& tx, const Intent& intent) const;
  // The same in a transaction of its own: before the matcher is asked something.
  absl::StatusOr<Found> Look(const Intent& intent) const;
  Answered Write(const Call& call, const Intent& intent, Change change);
  Answered Finish(const Call& call, const Intent& intent, const Record& record);
  absl::StatusOr<directory::v1::Reservation> Reserve(const Call& call, const Intent& intent,
                                                     const std::string& therapist_id, const Record& record);
  // Before an offer counts as accepted: reserves a seat anew where the reservation is over, or asks whether
  // the therapist may still take this client. Result: the new seat, if one was needed.
  absl::StatusOr<std::optional<directory::v1::Reservation>> SecureSeat(const Call& call, const Intent& intent,
                                                                       const Record& record);
  // What the matcher says before a therapist is given up.
  struct KnownRisk {
    bool asked = false;                      // false: it cannot be asked
    std::optional<v1::TriageReason> reason;  // why a person must look first
  };
  // Errors: those of Look; FAILED_PRECONDITION NEEDS_OUTDATED; UNAVAILABLE MATCHER_AWAY: it is there, and
  // could not look.
  absl::StatusOr<KnownRisk> AskAboutRisk(const Call& call, const Intent& intent);
  // Where the matcher refused a seat because a person must look first: the referral says so, and a seat that
  // an earlier try of the same choice was given is given back.
  void ShowRefusal(const Call& call, const Intent& intent, const absl::Status& refusal);
  void GiveBack(const Call& call, const Intent& intent, const std::string& reservation_id);

  const Parts parts_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_COMMANDS_H_
