// A client's risk, as a referral shows it, and as the matcher is told of it.
#ifndef RAPPORT_SERVICES_INTAKE_RISK_H_
#define RAPPORT_SERVICES_INTAKE_RISK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "rapport/intake/v1/intake.pb.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "services/storage/database.h"

namespace rapport::intake {

// Needs that do not say when they were asked about risk, or say a later time, were asked `now`.
void StampRisk(absl::Time now, rapport::matcher::v1::Needs& needs);

// The same for needs that take the place of `before`. Risk that is the same as before was not asked about
// anew, unless it is `stated` by itself, or under another time; risk that is another was, also under a time
// that was only read and sent back.
void StampRiskAgain(absl::Time now, const rapport::matcher::v1::Needs& before, bool stated,
                    rapport::matcher::v1::Needs& needs);

// Sets `referral`'s triage reasons as its needs have them; true when those state a risk. What the matcher
// knew of when it was asked last stays beside them: with the matcher away, nobody else remembers it.
bool NoteRisk(const rapport::matcher::Catalog& catalog, v1::Referral& referral);

// The same after an update of `before`; what the matcher knew of stays until risk was asked about since.
void NoteRiskAgain(const rapport::matcher::Catalog& catalog, const v1::Referral& before,
                   v1::Referral& referral);

// Whether the matcher knew of a risk when it was asked last.
bool HasRecordedRisk(const v1::Referral& referral);

// The matcher was asked: it knows of no risk since these needs were asked about it; or of this one.
void ForgetRecordedRisk(v1::Referral& referral);
void NoteRecordedRisk(v1::TriageReason reason, v1::Referral& referral);

// Where a person must look first: nothing is proposed.
void SendToTriage(v1::Referral& referral);

// Why the matcher refused to look at needs with NEEDS_TRIAGE.
v1::TriageReason ReasonFor(const absl::Status& refusal);

// Adds a notice to the transaction where the matcher has something to be told: that needs state a risk, or,
// of needs that take the place of those of `before` (null: a new referral), that a person has looked. Result:
// its key, to try it at once (Notices::TryNow); "": there is none. Errors of the database.
absl::StatusOr<std::string> TellRisk(storage::Transaction& tx, absl::string_view network,
                                     const v1::Referral* before, const v1::Referral& referral,
                                     absl::Time now);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_RISK_H_
